// SPDX-License-Identifier: Apache-2.0
#include "webrtc/turn/stream.hpp"

#include "webrtc/stun/writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::webrtc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Bytes stun() {
    return StunWriter(StunClass::Success, StunMethod::Refresh, {1, 2, 3})
        .number(StunAttribute::Lifetime, 600)
        .finish();
}
const Bytes kChannelData = {0x40, 0x01, 0x00, 0x05, 1, 2, 3, 4, 5};

Bytes on_stream(Bytes message) {
    pad_for_stream(message);
    return message;
}

// RFC 8656 12.5: over a stream, and only there, channel data is filled up to four bytes.
TEST(TurnStream, OnlyChannelDataIsFilledUp) {
    EXPECT_EQ(on_stream(kChannelData), (Bytes{0x40, 0x01, 0x00, 0x05, 1, 2, 3, 4, 5, 0, 0, 0}));
    EXPECT_EQ(on_stream({0x40, 0x01, 0x00, 0x04, 1, 2, 3, 4}).size(), 8U);
    EXPECT_EQ(on_stream(stun()), stun());
}

TEST(TurnStream, MessagesComeOutWholeHoweverTheyArrive) {
    Bytes all = stun();
    for (const Bytes& more : {on_stream(kChannelData), stun()}) {
        all.insert(all.end(), more.begin(), more.end());
    }
    for (std::size_t step = 1; step <= all.size(); ++step) {
        TurnStream stream;
        std::vector<Bytes> messages;
        for (std::size_t at = 0; at < all.size(); at += step) {
            const auto some =
                stream.feed(ByteView(all).subspan(at, std::min(step, all.size() - at)));
            ASSERT_TRUE(some);
            messages.insert(messages.end(), some->begin(), some->end());
        }
        EXPECT_THAT(messages, ElementsAre(stun(), kChannelData, stun())) << step;
    }
}

TEST(TurnStream, AMessageThatIsNotCompleteWaits) {
    TurnStream stream;
    EXPECT_THAT(stream.feed(ByteView(kChannelData)).value(), IsEmpty()) << "what fills it up";
    EXPECT_THAT(stream.feed(Bytes{0, 0}).value(), IsEmpty());
    EXPECT_THAT(stream.feed(Bytes{0}).value(), ElementsAre(kChannelData));
}

TEST(TurnStream, ChannelDataWithoutDataIsAMessage) {
    TurnStream stream;
    EXPECT_THAT(stream.feed(Bytes{0x40, 0x01, 0, 0}).value(), ElementsAre(Bytes{0x40, 0x01, 0, 0}));
}

TEST(TurnStream, WhatIsNeitherEndsTheStream) {
    for (const std::uint8_t first : Bytes{0x80, 0xC0, 0xFF}) {
        EXPECT_FALSE(TurnStream().feed(Bytes{first, 0, 0, 0})) << int{first};
    }
}

}  // namespace
}  // namespace patchbay::webrtc
