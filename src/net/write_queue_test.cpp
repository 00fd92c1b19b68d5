// SPDX-License-Identifier: Apache-2.0
#include "net/write_queue.hpp"

#include <gtest/gtest.h>

#include <string>

namespace patchbay::net {
namespace {

constexpr std::size_t kFrame = 64 * 1024;

std::string drain_kinds(WriteQueue& queue) {
    std::string kinds;
    while (const auto message = queue.take()) {
        kinds += message->kind == WriteQueue::Kind::Binary ? 'b' : 't';
        queue.written();
    }
    return kinds;
}

TEST(WriteQueue, MessagesKeepTheirOrder) {
    WriteQueue queue;
    ASSERT_TRUE(queue.push_text("one"));
    queue.push_binary(as_bytes("two"));
    ASSERT_TRUE(queue.push_text("three"));
    EXPECT_EQ(queue.bytes(), 11U);
    EXPECT_EQ(drain_kinds(queue), "tbt");
    EXPECT_EQ(queue.bytes(), 0U);
}

TEST(WriteQueue, TheOldestAudioGivesWayToTheNewest) {
    WriteQueue queue;
    for (char c = 'a'; c < 'g'; ++c) {
        queue.push_binary(as_bytes(std::string(kFrame, c)));
    }
    EXPECT_EQ(queue.dropped_binary(), 2U);
    EXPECT_EQ(queue.take()->bytes.front(), 'c');
}

TEST(WriteQueue, AudioGivesWayToEventsAndNoEventIsDropped) {
    WriteQueue queue;
    for (int i = 0; i < 4; ++i) {
        queue.push_binary(as_bytes(std::string(kFrame, 'b')));
    }
    for (int i = 0; i < 16; ++i) {
        ASSERT_TRUE(queue.push_text(std::string(kFrame, 't'))) << i;
    }
    EXPECT_EQ(queue.dropped_binary(), 4U);
    EXPECT_EQ(queue.push_text("x").error().code, Errc::TooLarge);
    queue.push_binary(as_bytes("late"));
    EXPECT_EQ(queue.dropped_binary(), 5U);
    EXPECT_EQ(drain_kinds(queue), std::string(16, 't'));
}

TEST(WriteQueue, WhatIsBeingWrittenCountsUntilItIsWritten) {
    WriteQueue queue;
    ASSERT_TRUE(queue.push_text(std::string(kWebSocketQueue, 't')));
    ASSERT_TRUE(queue.take());
    EXPECT_FALSE(queue.push_text("x"));
    queue.written();
    EXPECT_TRUE(queue.push_text("x"));
}

TEST(WriteQueue, AudioThatNeverFitsIsCountedAsDropped) {
    WriteQueue queue;
    queue.push_binary(as_bytes(std::string(kWebSocketDroppableQueue + 1, 'b')));
    EXPECT_EQ(queue.dropped_binary(), 1U);
    EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace patchbay::net
