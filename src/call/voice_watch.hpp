// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/options.hpp"
#include "media/frame.hpp"
#include "speech/vad/voice_activity.hpp"
#include "speech/vad/voice_batch.hpp"
#include "speech/vad/voice_detector.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace patchbay::call {

// Which detector serves a `vad.type`, and whether that is what was asked for.
struct VoiceService {
    bool neural = false;
    bool as_asked = true;

    std::string_view name() const { return neural ? "silero" : "webrtc"; }
};
// "silero" (or nothing) is neural where its weights are there; "webrtc" never is. "ten" and words
// that nobody knows are served like "silero".
VoiceService voice_service(const VadOption& option, bool has_network);

// Listens to the caller of one call and tells when they speak and fall silent. The cheap detector
// answers at once; windows for the neural one go to the shard's batch, which is owned by the
// Exchange, and come back through handle().
class VoiceWatch {
  public:
    using Events = std::vector<speech::VoiceEvent>;

    // `batch` may be null: then the cheap detector serves.
    VoiceWatch(const VadOption& option, std::uint64_t stream, speech::VoiceBatch* batch);
    ~VoiceWatch();
    VoiceWatch(const VoiceWatch&) = delete;
    VoiceWatch& operator=(const VoiceWatch&) = delete;

    // The next 20 ms, spoken from `begin` on.
    void write(Instant begin, const media::Frame& frame, Events& out);
    // A window that the batch has judged.
    void handle(const speech::VoiceWindow& window, Events& out) { activity_.handle(window, out); }

  private:
    speech::VoiceActivity activity_;
    std::uint64_t stream_;
    speech::VoiceBatch* batch_;  // null: `detector_` serves
    std::unique_ptr<speech::VoiceDetector> detector_;
};

}  // namespace patchbay::call
