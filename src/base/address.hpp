// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay {

// An IPv4 or IPv6 address as a value, without the operating system's headers, so that engines can
// hold one. IPv4-mapped IPv6 is folded to IPv4 on entry: one host has one spelling.
class IpAddress {
  public:
    constexpr IpAddress() = default;  // 0.0.0.0
    static constexpr IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
        IpAddress out;
        out.bytes_ = {a, b, c, d};
        return out;
    }
    static IpAddress v6(const std::array<std::uint8_t, 16>& bytes);
    // "192.0.2.1", "2001:db8::1", "[2001:db8::1]". No host names, no zones, no shortened or octal
    // IPv4.
    static std::optional<IpAddress> parse(std::string_view text);

    bool is_v6() const { return v6_; }
    bool is_loopback() const;
    bool is_unspecified() const;
    // Loopback, link-local, RFC 1918, RFC 4193, RFC 6598, multicast, unspecified, and other
    // non-public ranges.
    bool is_private() const;
    // 4 or 16 bytes, network order.
    ByteView bytes() const { return {bytes_.data(), v6_ ? 16U : 4U}; }

    std::string to_string() const;  // "2001:db8::1" (RFC 5952)

    friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

  private:
    std::array<std::uint8_t, 16> bytes_{};
    bool v6_ = false;
};

// Address and port of a socket. "192.0.2.1:5060", "[2001:db8::1]:5060".
struct SocketAddress {
    IpAddress ip;
    std::uint16_t port = 0;

    static std::optional<SocketAddress> parse(std::string_view text);
    std::string to_string() const;

    friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;
};

}  // namespace patchbay

template <>
struct std::hash<patchbay::IpAddress> {
    std::size_t operator()(const patchbay::IpAddress& ip) const noexcept {
        return std::hash<std::string_view>{}(patchbay::as_text(ip.bytes()));
    }
};

template <>
struct std::hash<patchbay::SocketAddress> {
    std::size_t operator()(const patchbay::SocketAddress& address) const noexcept {
        return std::hash<patchbay::IpAddress>{}(address.ip) * 65599 + address.port;
    }
};
