// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::sdp {

// "a=rtpmap:0 PCMU/8000" or the flag "a=sendrecv". Attributes that nobody here understands (ICE,
// DTLS, crypto) are kept as they came, in order.
struct Attribute {
    std::string name;
    std::optional<std::string> value;

    friend bool operator==(const Attribute&, const Attribute&) = default;
};

using Attributes = std::vector<Attribute>;

// The first of that name; names are compared exactly (RFC 8866 5.13).
const Attribute* find(const Attributes& attributes, std::string_view name);

// "c=IN IP4 192.0.2.1". The address may be a host name, and an IPv4 multicast address carries its
// TTL; ip() is there when it is a plain address.
struct Connection {
    bool v6 = false;
    std::string address;

    static Connection of(const IpAddress& address);
    std::optional<IpAddress> ip() const;

    friend bool operator==(const Connection&, const Connection&) = default;
};

// "o=- 3724394400 2 IN IP4 192.0.2.1" (RFC 8866 5.2).
struct Origin {
    std::string username = "-";
    std::string session_id = "0";  // a number, but longer ones than 64 bits are met
    std::string session_version = "0";
    Connection address;

    friend bool operator==(const Origin&, const Origin&) = default;
};

enum class Direction : std::uint8_t { Inactive = 0, SendOnly = 1, RecvOnly = 2, SendRecv = 3 };

constexpr bool sends(Direction d) {
    return (static_cast<unsigned>(d) & 1U) != 0;
}
constexpr bool receives(Direction d) {
    return (static_cast<unsigned>(d) & 2U) != 0;
}
constexpr Direction make_direction(bool send, bool receive) {
    return static_cast<Direction>((send ? 1U : 0U) | (receive ? 2U : 0U));
}
// What one side sends the other receives.
constexpr Direction reversed(Direction d) {
    return make_direction(receives(d), sends(d));
}
constexpr Direction both(Direction a, Direction b) {
    return make_direction(sends(a) && sends(b), receives(a) && receives(b));
}

std::string_view to_string(Direction direction);

// One m= section.
struct MediaDescription {
    std::string media;       // "audio"
    std::uint16_t port = 0;  // 0: refused or switched off
    std::string protocol;    // "RTP/AVP"
    std::vector<std::string> formats;
    std::optional<Connection> connection;
    std::vector<std::string> bandwidths;  // values of b=
    Attributes attributes;

    friend bool operator==(const MediaDescription&, const MediaDescription&) = default;
};

// A session description (RFC 8866) as a value.
//
// Reading is tolerant of what is met in the wild: bare LF, a missing s= or t=, lines out of order
// or given twice (the first counts), unknown line types, blank lines and trailing spaces. It is
// strict where tolerance would be guessing: v= and o= must be there, numbers must fit, and the
// limits of limits.hpp hold. Lines i= u= e= p= k= z= r= are read over and not kept.
struct SessionDescription {
    Origin origin;
    std::string name = "-";
    std::optional<Connection> connection;
    std::vector<std::string> bandwidths;
    std::string timing = "0 0";
    Attributes attributes;
    std::vector<MediaDescription> media;

    static Result<SessionDescription> parse(std::string_view text);
    // In the order of RFC 8866 5, lines ended by CRLF.
    std::string to_string() const;

    // The address of a section: its own c= line, else the session's.
    const Connection* connection_of(const MediaDescription& section) const;
    // The direction of a section: its own, else the session's, else sendrecv (RFC 8866 6.7).
    Direction direction_of(const MediaDescription& section) const;

    friend bool operator==(const SessionDescription&, const SessionDescription&) = default;
};

}  // namespace patchbay::sdp
