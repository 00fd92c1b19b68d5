// SPDX-License-Identifier: Apache-2.0
#include "app/calls/record_routes.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace patchbay::app {
namespace {

TEST(ByteRange, IsReadAsRfc9110HasIt) {
    const std::map<std::string, ByteRange> cases = {
        {"bytes=0-499", {0, 500}},     {"bytes=500-999", {500, 1000}},
        {"bytes=-500", {9500, 10000}}, {"bytes=9500-", {9500, 10000}},
        {"bytes=0-0", {0, 1}},         {"bytes=-1", {9999, 10000}},
        {"bytes=0-20000", {0, 10000}}, {"bytes=-20000", {0, 10000}},
        {"bytes= 5 - 6 ", {5, 7}},
    };
    for (const auto& [field, expected] : cases) {
        const auto range = parse_range(field, 10000);
        ASSERT_TRUE(range) << field;
        EXPECT_EQ(*range, expected) << field;
    }
}

TEST(ByteRange, WhatIsNoneIsIgnored) {
    for (const char* field : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "items=0-5",
                              "bytes=0-1,5-6", "bytes=5-2", "bytes=-1-5"}) {
        EXPECT_EQ(parse_range(field, 10000).error().code, Errc::Malformed) << field;
    }
}

TEST(ByteRange, BeyondTheFileThereIsNothing) {
    EXPECT_EQ(parse_range("bytes=10000-", 10000).error().code, Errc::OutOfRange);
    EXPECT_EQ(parse_range("bytes=10000-10001", 10000).error().code, Errc::OutOfRange);
    EXPECT_EQ(parse_range("bytes=-0", 10000).error().code, Errc::OutOfRange);
    EXPECT_EQ(parse_range("bytes=0-5", 0).error().code, Errc::OutOfRange);
}

}  // namespace
}  // namespace patchbay::app
