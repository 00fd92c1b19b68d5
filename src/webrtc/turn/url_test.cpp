// SPDX-License-Identifier: Apache-2.0
#include "webrtc/turn/url.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::webrtc {
namespace {

// The table of RFC 7065 appendix B, and addresses.
TEST(TurnUrl, TheExamplesOfTheRfcAreRead) {
    const std::vector<std::pair<std::string_view, TurnUrl>> kRead = {
        {"turn:example.org", {"example.org", 3478, TurnTransport::Udp}},
        {"turns:example.org", {"example.org", 5349, TurnTransport::Tls}},
        {"turn:example.org:8000", {"example.org", 8000, TurnTransport::Udp}},
        {"turn:example.org?transport=udp", {"example.org", 3478, TurnTransport::Udp}},
        {"turn:example.org?transport=tcp", {"example.org", 3478, TurnTransport::Tcp}},
        {"turns:example.org?transport=tcp", {"example.org", 5349, TurnTransport::Tls}},
        {"TURN:example.org?transport=TCP", {"example.org", 3478, TurnTransport::Tcp}},
        {"turn:192.0.2.7:1", {"192.0.2.7", 1, TurnTransport::Udp}},
        {"turns:[2001:db8::1]:443", {"2001:db8::1", 443, TurnTransport::Tls}},
    };
    for (const auto& [text, expected] : kRead) {
        const auto url = TurnUrl::parse(text);
        ASSERT_TRUE(url) << text;
        EXPECT_EQ(*url, expected) << text;
        EXPECT_EQ(TurnUrl::parse(url->to_string()).value(), expected) << url->to_string();
    }
}

TEST(TurnUrl, WhatIsNoneIsRefused) {
    const std::vector<std::pair<std::string_view, Errc>> kRefused = {
        {"", Errc::Unsupported},
        {"stun:example.org", Errc::Unsupported},
        {"http://example.org", Errc::Unsupported},
        {"turn:", Errc::Malformed},
        {"turn://example.org", Errc::Malformed},
        {"turn:user@example.org", Errc::Malformed},
        {"turn:example.org:", Errc::Malformed},
        {"turn:example.org:0", Errc::Malformed},
        {"turn:example.org:65536", Errc::Malformed},
        {"turn:example.org?transport=sctp", Errc::Malformed},
        {"turns:example.org?transport=udp", Errc::Unsupported},
        {"turn:[2001:db8::1", Errc::Malformed},
        {"turn:[192.0.2.1]", Errc::Malformed},
        {"turn:[::1]3478", Errc::Malformed},
    };
    for (const auto& [text, code] : kRefused) {
        const auto url = TurnUrl::parse(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, code) << text;
    }
}

}  // namespace
}  // namespace patchbay::webrtc
