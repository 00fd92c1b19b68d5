// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/options.hpp"
#include "call/socket_closure.hpp"
#include "call/step.hpp"
#include "media/frame.hpp"
#include "speech/vad/voice_activity.hpp"
#include "speech/vad/voice_batch.hpp"
#include "speech/vad/voice_detector.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace patchbay::speech {
class TenLibrary;
}

namespace patchbay::call {

class RemoteVoiceWatch;

// What there is beside the cheap detector. Null: not here.
struct VoiceJudges {
    speech::VoiceBatch* batch = nullptr;
    const speech::TenLibrary* ten = nullptr;
};

// Which detector serves a `vad.type`, and whether that is what was asked for.
struct VoiceService {
    enum class Judge { Silero, WebRtc, Ten };
    Judge judge = Judge::WebRtc;
    bool as_asked = true;

    std::string_view name() const;
};
// "silero" (or nothing) is neural where its weights are there; "webrtc" never is. "ten" without its
// library, and words that nobody knows, are served like "silero".
VoiceService voice_service(const VadOption& option, const VoiceJudges& judges);

// Listens to the caller of one call and tells when they speak and fall silent. Most detectors
// answer at once; windows for the neural one go to the shard's batch, which is owned by the
// Exchange, and come back through handle(). With an `endpoint` a service on the network judges as
// well, through a socket of this call.
class VoiceWatch {
  public:
    using Events = std::vector<speech::VoiceEvent>;

    VoiceWatch(const VadOption& option, std::uint64_t stream, const VoiceJudges& judges);
    ~VoiceWatch();
    VoiceWatch(const VoiceWatch&) = delete;
    VoiceWatch& operator=(const VoiceWatch&) = delete;

    // Says what serves in the place of another, and connects.
    void start(Step& step);
    // The end of the call.
    void stop(Step& step);
    // The next 20 ms, spoken from `begin` on.
    void write(Step& step, Instant begin, const media::Frame& frame, Events& out);
    // A window that the batch has judged.
    void handle(const speech::VoiceWindow& window, Events& out);

    // Of the service's socket.
    void handle_opened(Step& step, std::uint32_t sequence);
    void handle_text(Step& step, std::uint32_t sequence, std::string_view message, Events& out);
    void handle_closed(Step& step, std::uint32_t sequence, const SocketClosure& how, Events& out);
    void handle_timeout(Step& step, Events& out);
    std::optional<Instant> next_timeout() const;

  private:
    void choose(const VoiceJudges& judges);
    void tell(Events& out);

    VadOption option_;
    speech::VoiceActivity activity_;
    std::uint64_t stream_;
    VoiceService service_;
    speech::VoiceBatch* batch_ = nullptr;  // null: `detector_` serves
    std::unique_ptr<speech::VoiceDetector> detector_;
    std::unique_ptr<RemoteVoiceWatch> remote_;  // null: there is no endpoint
    std::vector<speech::VoiceWindow> windows_;  // of one step; kept for their memory
};

}  // namespace patchbay::call
