// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace patchbay::media {

// Wherever audio is looked at, it is 16 kHz mono signed 16-bit in frames of 20 ms.
inline constexpr int kSampleRate = 16000;
inline constexpr Milliseconds kFrameTime{20};
inline constexpr std::size_t kFrameSamples = 320;
using Frame = std::array<std::int16_t, kFrameSamples>;

constexpr Nanoseconds duration_of(std::uint64_t samples, int rate = kSampleRate) {
    // Seconds and rest apart: samples * 10^9 would overflow after nine days of audio.
    const auto whole = static_cast<std::int64_t>(samples / static_cast<std::uint64_t>(rate));
    const auto rest = static_cast<std::int64_t>(samples % static_cast<std::uint64_t>(rate));
    return Seconds(whole) + Nanoseconds(rest * 1'000'000'000 / rate);
}
constexpr std::uint64_t samples_in(Nanoseconds duration, int rate = kSampleRate) {
    const auto seconds = std::chrono::duration_cast<Seconds>(duration);
    const auto rest = duration - seconds;
    return static_cast<std::uint64_t>(seconds.count() * rate + rest.count() * rate / 1'000'000'000);
}

// Something that plays: asked for one frame per 20 ms by the shard that owns the call. read() never
// waits; a source that another thread fills late says Starving and the frame is silence.
class FrameSource {
  public:
    enum class State : std::uint8_t {
        Playing,   // the frame holds audio (padded with silence if it is the last piece)
        Starving,  // nothing here yet: the frame is silence, ask again
        Ended,     // nothing more will come: the frame is silence
        Failed,    // as Ended, because of failure()
    };

    FrameSource() = default;
    FrameSource(const FrameSource&) = delete;
    FrameSource& operator=(const FrameSource&) = delete;
    virtual ~FrameSource() = default;

    // Always fills the whole frame.
    virtual State read(Frame& out) = 0;
    // The whole length, as far as it is known now: a file says it at once, a synthesizer grows it.
    virtual std::optional<Nanoseconds> total_duration() const { return std::nullopt; }
    // Why it failed; only after State::Failed.
    virtual std::optional<Error> failure() const { return std::nullopt; }
};

// Somewhere audio goes in two channels: the recorder. `position` counts samples at 16 kHz since the
// recording began, so that a frame which never came is a gap of the right length, not a shift.
class FrameSink {
  public:
    FrameSink() = default;
    FrameSink(const FrameSink&) = delete;
    FrameSink& operator=(const FrameSink&) = delete;
    virtual ~FrameSink() = default;

    // Left: the caller. Right: everything that the caller hears.
    virtual void write(std::uint64_t position, const Frame& left, const Frame& right) = 0;
};

// Where a track's RTP and RTCP packets go. `packet` is valid during the call only.
class PacketSink {
  public:
    PacketSink() = default;
    PacketSink(const PacketSink&) = delete;
    PacketSink& operator=(const PacketSink&) = delete;
    virtual ~PacketSink() = default;

    virtual void send(const SocketAddress& to, ByteView packet) = 0;
};

}  // namespace patchbay::media
