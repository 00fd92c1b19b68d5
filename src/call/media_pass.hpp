// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "call/audio_inlet.hpp"
#include "call/audio_outlet.hpp"
#include "call/options.hpp"
#include "call/socket_closure.hpp"
#include "call/step.hpp"
#include "media/frame.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace patchbay::call {

// `mediaPass`: a WebSocket server hears the caller and speaks in the server's place. s16le mono
// both ways; what we send comes in messages of exactly `packetSize` bytes at `outputSampleRate`,
// what it sends may come in any size and at any moment, and is played out evenly.
//
//   connecting ─ opened ─► open: `trackStart`, audio both ways
//       ▲                   │ closed by the server with 1000: `trackEnd`, and that was all
//       │                   │ broken: `error`, `trackEnd`
//       └── waiting ◄───────┘ half a second, doubled each time; given up after kMediaPassAttempts
//
// It knows no socket: the session's effects open one and its answers come back. Owned by the
// session, on its shard.
class MediaPass {
  public:
    // Malformed: the URL is no ws: or wss:. OutOfRange: a rate or a packet size.
    static Result<MediaPass> make(const MediaPassOption& option);

    void start(Step& step, std::uint32_t ssrc);
    void stop(Step& step);

    // The socket's answers; those of a socket that was given up are ignored.
    void handle_opened(Step& step, std::uint32_t sequence);
    void handle_binary(Step& step, std::uint32_t sequence, ByteView bytes);
    void handle_closed(Step& step, std::uint32_t sequence, const SocketClosure& how);

    void handle_timeout(Step& step);
    std::optional<Instant> next_timeout() const { return retry_at_; }

    // What the caller says, a frame at a time; every 20 ms what the server says, false: nothing.
    void write(Step& step, const media::Frame& heard);
    bool read(Instant now, media::Frame& out);
    // `interrupt`: what waits is not said any more.
    void interrupt() { inlet_.clear(); }

    Nanoseconds waiting() const { return inlet_.waiting(); }
    bool is_silent() const { return inlet_.is_silent(); }
    bool is_open() const { return started_at_.has_value(); }

  private:
    MediaPass(std::string url, AudioInlet inlet, AudioOutlet outlet)
        : url_(std::move(url)), inlet_(std::move(inlet)), outlet_(std::move(outlet)) {}

    void connect(Step& step);
    void retry(Step& step, const std::string& why);
    void report(Step& step, const std::string& why, int code) const;
    void end_track(Step& step);

    std::string url_;  // with what the server is told of the audio
    AudioInlet inlet_;
    AudioOutlet outlet_;
    std::uint32_t ssrc_ = 0;
    std::uint32_t socket_ = 0;  // the sequence of the present one; 0: none
    std::uint32_t last_socket_ = 0;
    int attempts_ = 0;  // in a row that failed
    std::optional<Instant> started_at_;
    std::optional<Instant> retry_at_;
    bool overflow_reported_ = false;
};

}  // namespace patchbay::call
