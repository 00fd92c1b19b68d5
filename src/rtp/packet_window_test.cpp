// SPDX-License-Identifier: Apache-2.0
#include "rtp/packet_window.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace patchbay::rtp {
namespace {

using Storing = PacketWindow::Storing;

class PacketWindowTest : public testing::Test {
  protected:
    Storing store(std::int64_t sequence) {
        return window_.store({.sequence = sequence, .audio = true},
                             Bytes{static_cast<std::uint8_t>(sequence)});
    }

    std::vector<std::int64_t> drain() {
        std::vector<std::int64_t> order;
        while (const auto* packet = window_.first()) {
            EXPECT_EQ(window_.payload_of(*packet)[0], static_cast<std::uint8_t>(packet->sequence));
            order.push_back(packet->sequence);
            window_.use(*packet);
        }
        return order;
    }

    PacketWindow window_;
};

TEST_F(PacketWindowTest, PacketsComeOutByTheirNumbers) {
    for (const int sequence : {3, 1, 4, 2, 7}) {
        EXPECT_EQ(store(sequence), Storing::Stored);
    }
    EXPECT_THAT(drain(), testing::ElementsAre(1, 2, 3, 4, 7));
}

TEST_F(PacketWindowTest, ADuplicateIsKnownBeforeAndAfterItsTurn) {
    store(1);
    EXPECT_EQ(store(1), Storing::Duplicate);
    drain();
    EXPECT_EQ(store(1), Storing::Duplicate);
}

TEST_F(PacketWindowTest, ANumberWhoseTurnIsOverIsLate) {
    store(5);
    drain();
    EXPECT_EQ(store(4), Storing::Late);
}

TEST_F(PacketWindowTest, APacketFarAheadPushesTheOldestOut) {
    for (int sequence = 1; sequence <= 64; ++sequence) {
        store(sequence);
    }
    EXPECT_EQ(window_.size(), 64U);
    store(66);
    EXPECT_EQ(window_.pushed_out(), 2U);
    EXPECT_EQ(window_.first()->sequence, 3);
    store(10'000);
    EXPECT_THAT(drain(), testing::ElementsAre(10'000));
}

TEST_F(PacketWindowTest, NumbersMayBeNegative) {
    window_.clear(-10);
    store(-3);
    store(-9);
    EXPECT_THAT(drain(), testing::ElementsAre(-9, -3));
}

TEST(PacketWindow, AStreamInOrderLivesInTheMemoryOfThePacketsThatWait) {
    PacketWindow window;
    std::set<const std::uint8_t*> memory;
    for (std::int64_t i = 1; i <= 1000; ++i) {
        window.store({.sequence = i, .timestamp = i * 160, .duration = 160, .audio = true},
                     Bytes(160, static_cast<std::uint8_t>(i)));
        if (i > 3) {
            const PacketWindow::Packet next = *window.first();
            window.use(next);
            const ByteView payload = window.payload_of(next);
            ASSERT_EQ(payload[0], static_cast<std::uint8_t>(i - 3));
            memory.insert(payload.data());
        }
    }
    EXPECT_LE(memory.size(), 5U);
}

}  // namespace
}  // namespace patchbay::rtp
