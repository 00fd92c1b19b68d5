// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/boxed.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "call/ambiance.hpp"
#include "call/audio_inlet.hpp"
#include "call/media_pass.hpp"
#include "call/options.hpp"
#include "call/step.hpp"
#include "media/frame.hpp"

#include <cstdint>
#include <optional>

namespace patchbay::call {

// What applications hear of a call and say into it, beside what is played on command:
//
//   mediaPass  a WebSocket server hears the caller and speaks in the server's place
//   subscribe  the controlling client hears both sides as binary messages, each with one byte in
//              front (0 the server's side, 1 the caller's), and may send audio itself: s16le mono
//              at 16 kHz
//   ambiance   the sound of a room under all of it
//
// All of them are sums: a `tts` during mediaPass is heard together with it. It knows no RTP. Owned
// by the session, on its shard.
class ApplicationAudio {
  public:
    // What the options ask for can be served; Malformed or OutOfRange otherwise.
    static Result<void> check(const CallOption& option);

    // The call's audio flows: begins what the options ask for and what has not begun yet, because
    // an incoming call learns its options while it rings. `ssrc` is what trackEnd reports.
    void start(Step& step, const CallOption& option, std::uint32_t ssrc);
    void stop(Step& step);

    // Whether the caller's audio is wanted here at all; now, by the mediaPass server; by the
    // client.
    bool listens() const { return media_pass_.has_value() || subscription_.has_value(); }
    bool passes() const { return media_pass_ && media_pass_->is_open(); }
    bool is_subscribed() const { return subscription_.has_value(); }
    // A frame of the caller: for the server as soon as there is one, for the client every 20 ms.
    void pass(Step& step, const media::Frame& heard);
    void hear(Step& step, const media::Frame& heard);
    // Adds what applications say to what is played; `sounds`: something plays already. True when
    // anything sounds now.
    bool speak(Step& step, media::Frame& played, bool sounds);
    // What the caller hears in the end.
    void share(Step& step, const media::Frame& played, bool sounds);

    // Neither the server nor the client is being heard: the next message is the first one.
    bool is_silent() const;
    // Something of either waits to be heard.
    bool has_waiting() const;
    // A binary message of the controlling client. WrongState: it has not subscribed. TooLarge: more
    // waits than can be kept.
    Result<void> handle_audio(Instant now, ByteView bytes);
    // What waits to be said is not said any more.
    void interrupt();

    MediaPass* media_pass() { return media_pass_ ? &*media_pass_ : nullptr; }
    Ambiance* ambiance() { return ambiance_ ? &*ambiance_ : nullptr; }

    void handle_timeout(Step& step);
    std::optional<Instant> next_timeout() const;

  private:
    void send_side(Step& step, std::uint8_t side, const media::Frame& frame) const;

    Boxed<MediaPass> media_pass_;
    Boxed<AudioInlet> subscription_;
    std::optional<Ambiance> ambiance_;
};

}  // namespace patchbay::call
