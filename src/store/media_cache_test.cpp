// SPDX-License-Identifier: Apache-2.0
#include "store/media_cache.hpp"

#include <gtest/gtest.h>

namespace patchbay::store {
namespace {

std::shared_ptr<media::ByteSource> file(std::size_t bytes) {
    return std::make_shared<media::MemoryByteSource>(Bytes(bytes));
}

class Cache : public testing::Test {
  protected:
    void put(const char* key, std::size_t bytes) { cache.put(key, file(bytes), now + Seconds(10)); }
    bool has(const char* key) { return cache.find(now, key) != nullptr; }

    MediaCache cache{1000};
    Instant now{Seconds(100)};
};

TEST_F(Cache, GivesBackWhatWasPut) {
    const auto bytes = file(100);
    cache.put("a", bytes, now + Seconds(10));
    EXPECT_EQ(cache.find(now, "a"), bytes);
    EXPECT_EQ(cache.find(now, "b"), nullptr);
    EXPECT_EQ(cache.bytes(), 100U);
}

TEST_F(Cache, ForgetsFirstWhatWasNotAskedForLongest) {
    put("a", 400);
    put("b", 400);
    EXPECT_TRUE(has("a"));
    put("c", 400);
    EXPECT_TRUE(has("a"));
    EXPECT_FALSE(has("b"));
    EXPECT_TRUE(has("c"));
    EXPECT_LE(cache.bytes(), 1000U);
}

TEST_F(Cache, GivesNothingThatIsNotFresh) {
    put("a", 400);
    now += Seconds(10);
    EXPECT_FALSE(has("a"));
    EXPECT_EQ(cache.bytes(), 0U);
}

TEST_F(Cache, ANewerFileTakesThePlaceOfTheOlder) {
    put("a", 400);
    put("a", 700);
    EXPECT_EQ(cache.bytes(), 700U);
}

TEST_F(Cache, WhatIsLargerThanAllOfItIsNotKeptAndPushesNothingOut) {
    put("a", 400);
    put("b", 1001);
    EXPECT_TRUE(has("a"));
    EXPECT_FALSE(has("b"));
}

}  // namespace
}  // namespace patchbay::store
