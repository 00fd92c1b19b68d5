// SPDX-License-Identifier: Apache-2.0
#include "sip/stream_framer.hpp"

#include "sip/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace patchbay::sip {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using Kind = StreamFramer::Kind;
using Items = std::vector<std::pair<Kind, std::string>>;

constexpr std::string_view kFirst =
    "MESSAGE sip:a@b SIP/2.0\r\nX: y\r\nContent-Length: 5\r\n\r\nhello";
constexpr std::string_view kSecond = "SIP/2.0 200 OK\r\nl\t:\r\n 0\r\n\r\n";

void drain(StreamFramer& framer, Items& items) {
    for (auto item = framer.next(); item && *item; item = framer.next()) {
        items.emplace_back((*item)->kind, (*item)->bytes);
    }
}

Items items_of(std::string_view text) {
    StreamFramer framer;
    Items items;
    framer.feed(as_bytes(text));
    drain(framer, items);
    return items;
}

TEST(StreamFramer, SeveralMessagesInOneReadComeOutOneByOne) {
    EXPECT_THAT(items_of(std::string(kFirst) + std::string(kSecond) + std::string(kFirst)),
                ElementsAre(Pair(Kind::Message, kFirst), Pair(Kind::Message, kSecond),
                            Pair(Kind::Message, kFirst)));
}

TEST(StreamFramer, WhatComesOutDoesNotDependOnWhereTheBytesWereSplit) {
    const std::string text = "\r\n" + std::string(kFirst) + "\r\n\r\n" + std::string(kSecond) +
                             "\r\n\r\n\r\n" + std::string(kFirst);
    const Items whole = items_of(text);
    ASSERT_EQ(whole.size(), 9U);
    for (std::size_t split = 1; split < text.size(); ++split) {
        StreamFramer framer;
        Items items;
        framer.feed(as_bytes(text).first(split));
        drain(framer, items);
        framer.feed(as_bytes(text).subspan(split));
        drain(framer, items);
        EXPECT_EQ(items, whole) << split;
    }
    StreamFramer framer;
    Items items;
    for (const char byte : text) {
        framer.feed(as_bytes({&byte, 1}));
        drain(framer, items);
    }
    EXPECT_EQ(items, whole);
}

TEST(StreamFramer, ADoubleCrlfIsAPingAndASingleOneAPong) {
    EXPECT_THAT(items_of("\r\n"), ElementsAre(Pair(Kind::Pong, "\r\n")));
    EXPECT_THAT(items_of("\r\n\r\n"),
                ElementsAre(Pair(Kind::Pong, "\r\n"), Pair(Kind::Ping, "\r\n")));
    EXPECT_THAT(items_of("\r"), IsEmpty());
}

TEST(StreamFramer, ACrlfBetweenMessagesDoesNotMakeAPingWithALaterOne) {
    const Items items = items_of("\r\n" + std::string(kSecond) + "\r\n");
    EXPECT_THAT(items, ElementsAre(Pair(Kind::Pong, "\r\n"), Pair(Kind::Message, kSecond),
                                   Pair(Kind::Pong, "\r\n")));
}

TEST(StreamFramer, AnIncompleteMessageWaits) {
    for (std::size_t size = 0; size < kFirst.size(); ++size) {
        EXPECT_THAT(items_of(kFirst.substr(0, size)), IsEmpty()) << size;
    }
}

TEST(StreamFramer, WithoutATrustworthyLengthTheStreamEndsAfterTheHeaders) {
    for (const std::string_view fields :
         {"", "Content-Length: -1\r\n", "Content-Length: 1\r\nl: 1\r\n", "Content-Length:\r\n",
          "Content-Length: 65536\r\n", "Content-Length: 99999999999999999999\r\n",
          "Content-Length: 1, 1\r\n", "Content-Length: 1\r\n 1\r\n"}) {
        const std::string section = "BYE sip:a@b SIP/2.0\r\n" + std::string(fields) + "\r\n";
        StreamFramer framer;
        framer.feed(as_bytes(section + "more"));
        const auto item = framer.next().value();
        ASSERT_TRUE(item) << fields;
        EXPECT_EQ(item->kind, Kind::Broken) << fields;
        EXPECT_EQ(item->bytes, section);
        EXPECT_FALSE(framer.next()) << "and the connection is to be closed";
    }
}

TEST(StreamFramer, AHeaderSectionWithoutEndIsRefusedAtTheLimit) {
    StreamFramer framer;
    const std::string chunk(1024, 'x');
    std::size_t fed = 0;
    while (framer.next()) {
        ASSERT_LE(fed, kMaxMessageBytes + chunk.size());
        framer.feed(as_bytes(chunk));
        fed += chunk.size();
    }
    EXPECT_EQ(framer.next().error().code, Errc::TooLarge);
    EXPECT_GT(fed, kMaxMessageBytes);
}

TEST(StreamFramer, AMessageOfTheLargestSizePasses) {
    std::string text = "MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 65485\r\n\r\n";
    text.append(65485, 'x');
    ASSERT_EQ(text.size(), kMaxMessageBytes);
    EXPECT_THAT(items_of(text), ElementsAre(Pair(Kind::Message, text)));
}

}  // namespace
}  // namespace patchbay::sip
