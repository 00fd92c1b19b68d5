// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sdp/offer_answer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Both sides of an SDP negotiation, for tables of tests: ours at 192.0.2.1:4000, the peer's as
// text.
namespace patchbay::test {

inline SocketAddress address(std::string_view text) {
    return SocketAddress::parse(text).value();
}

inline sdp::LocalMedia local_media(std::vector<std::string_view> names = {"pcmu", "pcma", "g722"}) {
    sdp::LocalMedia media;
    media.rtp = address("192.0.2.1:4000");
    for (const std::string_view name : names) {
        media.codecs.push_back(*sdp::known_codec(name));
    }
    return media;
}

inline constexpr std::string_view kHead = "v=0\r\no=- 7 7 IN IP4 198.51.100.2\r\ns=-\r\n";
inline constexpr std::string_view kConnection = "c=IN IP4 198.51.100.2\r\nt=0 0\r\n";

// A description of the peer, around the given lines.
inline sdp::SessionDescription peer(std::string_view media,
                                    std::string_view session = kConnection) {
    const std::string text = std::string(kHead) + std::string(session) + std::string(media);
    auto description = sdp::SessionDescription::parse(text);
    EXPECT_TRUE(description) << describe(description.error());
    return std::move(*description);
}

inline sdp::Answer answer(std::string_view media, const sdp::LocalMedia& ours = local_media()) {
    auto result = sdp::make_answer(peer(media), ours);
    EXPECT_TRUE(result) << describe(result.error());
    return result.value_or(sdp::Answer{});
}

inline Error refusal(std::string_view media, const sdp::LocalMedia& ours = local_media()) {
    const auto result = sdp::make_answer(peer(media), ours);
    EXPECT_FALSE(result);
    return result ? Error{} : result.error();
}

inline sdp::NegotiatedAudio applied(std::string_view media,
                                    const sdp::LocalMedia& ours = local_media()) {
    auto result = sdp::apply_answer(sdp::make_offer(ours), peer(media));
    EXPECT_TRUE(result) << describe(result.error());
    return result.value_or(sdp::NegotiatedAudio{});
}

}  // namespace patchbay::test
