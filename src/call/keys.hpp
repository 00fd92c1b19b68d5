// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/strong.hpp"

#include <compare>
#include <cstdint>

namespace patchbay::call {

// The name by which the shard knows a call. Never used twice, so that a late answer for a call
// that is gone reaches nobody instead of the next call of the same SessionId.
using SessionKey = Strong<std::uint64_t, struct SessionKeyTag>;

// The UDP port of an RTP socket of this shard; RTCP is the port above it.
using RtpPort = Strong<std::uint16_t, struct RtpPortTag>;

// One source of sound that a call asked for: one synthesis, one open file.
struct PlaybackId {
    SessionKey session;
    std::uint32_t sequence = 0;

    friend auto operator<=>(const PlaybackId&, const PlaybackId&) = default;
};

// What a connection of a call is for; each purpose counts its own.
enum class SocketPurpose : std::uint8_t { MediaPass, Recognition, VoiceDetection };

// One connection that a call made to a WebSocket server.
struct SocketId {
    SessionKey session;
    std::uint32_t sequence = 0;
    SocketPurpose purpose = SocketPurpose::MediaPass;

    friend auto operator<=>(const SocketId&, const SocketId&) = default;
};

}  // namespace patchbay::call
