// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "call/audio_timeline.hpp"
#include "call/options.hpp"
#include "call/provider_socket.hpp"
#include "call/socket_closure.hpp"
#include "call/step.hpp"
#include "media/frame.hpp"
#include "speech/vad/remote_voice.hpp"
#include "speech/vad/voice_arbiter.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace patchbay::call {

// The service of a `vad.endpoint`, beside the detector of the call itself: the service's word
// counts while it keeps up, the detector's otherwise. The first time that the service lets the call
// down is one `error`; the call never waits for it. Owned by the VoiceWatch.
class RemoteVoiceWatch {
  public:
    using Windows = speech::VoiceArbiter::Windows;

    // OutOfRange: a sample rate that no service gets.
    static Result<std::unique_ptr<RemoteVoiceWatch>> make(const VadOption& option);

    void start(Step& step);
    void stop(Step& step);
    // The next 20 ms, spoken from `begin` on. `out`: windows whose judgement counts, in order.
    void write(Step& step, Instant begin, const media::Frame& frame, Windows& out);
    // What the call's own detector says.
    void handle_own(const speech::VoiceWindow& window, Windows& out) {
        arbiter_.handle_own(window, out);
    }

    // The answers of the socket.
    void handle_opened(Step& step, std::uint32_t sequence);
    void handle_text(Step& step, std::uint32_t sequence, std::string_view message, Windows& out);
    void handle_closed(Step& step, std::uint32_t sequence, const SocketClosure& how, Windows& out);
    void handle_timeout(Step& step, Windows& out);
    std::optional<Instant> next_timeout() const { return service_->next_timeout(); }

  private:
    explicit RemoteVoiceWatch(std::unique_ptr<speech::RemoteVoice> service)
        : service_(std::move(service)) {}

    void perform(Step& step, Windows& out);
    void judge(Step& step, const speech::RemoteJudgement& judgement, Windows& out);
    void complain(Step& step, const std::string& why, int code);

    std::unique_ptr<speech::RemoteVoice> service_;
    speech::RemoteVoiceOutputs outputs_;  // of one step; kept for its memory
    // A client names the endpoint, so that the fetch guard has a word.
    ProviderSocket socket_{SocketPurpose::VoiceDetection, false};
    AudioTimeline timeline_;
    std::uint64_t written_ = 0;  // samples
    speech::VoiceArbiter arbiter_;
    bool complained_ = false;
};

}  // namespace patchbay::call
