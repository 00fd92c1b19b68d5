// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "call/audio_inlet.hpp"
#include "call/audio_outlet.hpp"
#include "call/step.hpp"
#include "media/frame.hpp"

#include <cstdint>
#include <string_view>
#include <utility>

namespace patchbay::call {

// The caller's audio of `/call`: binary messages of the socket that also carries the commands. What
// RTP does for a phone is done here by the socket, so there is no address and nothing to negotiate.
// Owned by the session, on its shard.
class SocketAudio {
  public:
    // `codec`: a word of AudioFormat::find, the same both ways. `ssrc` is only a name here.
    static Result<SocketAudio> make(std::string_view codec, std::uint32_t ssrc) {
        PB_TRY(const AudioFormat format, AudioFormat::find(codec));
        PB_TRY(AudioInlet inlet, AudioInlet::make(format, AudioInlet::Kind::Live));
        PB_TRY(AudioOutlet outlet, AudioOutlet::make(format));
        return SocketAudio(std::move(inlet), std::move(outlet), ssrc);
    }

    std::uint32_t ssrc() const { return ssrc_; }
    bool is_silent() const { return inlet_.is_silent(); }
    Nanoseconds waiting() const { return inlet_.waiting(); }

    Result<void> handle_audio(Instant now, ByteView bytes) { return inlet_.write(now, bytes); }
    // Every 20 ms; silence where the caller sent nothing.
    void read(Instant now, media::Frame& out) { (void)inlet_.read(now, out); }
    // Every 20 ms in which something sounds: nothing is sent for silence.
    void write(Step& step, const media::Frame& played) {
        outlet_.write(played, [&](ByteView message) {
            step.ask(SendAudio{step.names.key, Bytes(message.begin(), message.end())});
        });
    }

  private:
    SocketAudio(AudioInlet inlet, AudioOutlet outlet, std::uint32_t ssrc)
        : inlet_(std::move(inlet)), outlet_(std::move(outlet)), ssrc_(ssrc) {}

    AudioInlet inlet_;
    AudioOutlet outlet_;
    std::uint32_t ssrc_;
};

}  // namespace patchbay::call
