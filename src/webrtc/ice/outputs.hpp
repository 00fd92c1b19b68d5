// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "webrtc/ice/candidate.hpp"

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::webrtc {

// Where a datagram leaves or came in, and where it goes or came from. `local` is the base of a
// candidate: a socket of ours, or the relay's address for what goes through TURN.
struct IcePath {
    SocketAddress local;
    SocketAddress remote;

    friend auto operator<=>(const IcePath&, const IcePath&) = default;
};

enum class IceRole : std::uint8_t { Controlling, Controlled };

enum class IceState : std::uint8_t {
    New,           // the peer's description is not here yet
    Checking,      // looking for a path
    Connected,     // a path is selected and alive
    Disconnected,  // the path does not answer; it may come back
    Failed,        // no path was found, or consent has ended; a restart may still help
    Closed,
};

std::string_view to_string(IceState state);
std::string_view to_string(IceRole role);

struct IceTransmit {
    IcePath path;
    Bytes packet;
};

struct IceStateChanged {
    IceState state = IceState::New;

    friend bool operator==(const IceStateChanged&, const IceStateChanged&) = default;
};
// Media goes this way from now on.
struct IcePathSelected {
    IcePath path;

    friend bool operator==(const IcePathSelected&, const IcePathSelected&) = default;
};
// A remote candidate names a host of mDNS (RFC 8828). Who can resolve it gives the candidate back
// with its address; who cannot ignores this: the peer's own checks will bring the address.
struct IceNameWanted {
    Candidate candidate;

    friend bool operator==(const IceNameWanted&, const IceNameWanted&) = default;
};
using IceEvent = std::variant<IceStateChanged, IcePathSelected, IceNameWanted>;

struct IceOutputs {
    std::vector<IceTransmit> transmits;
    std::vector<IceEvent> events;
};

}  // namespace patchbay::webrtc
