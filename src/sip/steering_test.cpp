// SPDX-License-Identifier: Apache-2.0
#include "sip/steering.hpp"

#include <gtest/gtest.h>

namespace patchbay::sip {
namespace {

constexpr unsigned kShards = 8;

unsigned steer_text(const std::string& text, unsigned shards = kShards) {
    return steer(as_bytes(text), shards);
}

std::string request(const std::string& line, const std::string& headers) {
    return line + " SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKpb6.x\r\n" + headers +
           "\r\n";
}

TEST(Steering, AResponseGoesToTheShardOfItsBranch) {
    EXPECT_EQ(steer_text("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKpb5.abc;rport\r\n"
                         "To: <sip:b@h>;tag=pb2.zz\r\nCall-ID: x\r\n\r\n"),
              5U);
}

TEST(Steering, OnlyTheTopViaCounts) {
    EXPECT_EQ(steer_text("SIP/2.0 200 OK\r\nv: SIP/2.0/UDP h;branch=z9hG4bKpb5.a\r\n"
                         "v: SIP/2.0/UDP h;branch=z9hG4bKpb3.a\r\ni: x\r\n\r\n"),
              5U);
}

TEST(Steering, ARequestInADialogGoesToTheShardOfItsToTag) {
    EXPECT_EQ(steer_text(request("BYE sip:pb1.@h", "To: <sip:b@h>;tag=pb4.q\r\nCall-ID: x\r\n")),
              4U);
    EXPECT_EQ(steer_text(request("BYE sip:pb1.@h", "t:<sip:b@h>;tag=pb4.q\r\ni: x\r\n")), 4U);
}

TEST(Steering, ReplacesIsFollowedBeforeTheCallId) {
    EXPECT_EQ(steer_text(request("INVITE sip:b@h",
                                 "To: <sip:b@h>\r\nCall-ID: x\r\n"
                                 "Replaces: 9@h;to-tag=pb7.a;from-tag=other\r\n")),
              7U);
}

TEST(Steering, TheContactUserIsFollowedWhenNoTagSaysMore) {
    EXPECT_EQ(steer_text(request("CANCEL sip:pb3.@h", "To: <sip:b@h>\r\nCall-ID: x\r\n")), 3U);
}

TEST(Steering, OtherwiseOneCallIdIsAlwaysOneShard) {
    const std::string rest = "To: <sip:b@h>\r\nCall-ID: 7df0a@192.0.2.9\r\n";
    const unsigned shard = steer_text(request("INVITE sip:b@h", rest));
    EXPECT_LT(shard, kShards);
    EXPECT_EQ(steer_text(request("CANCEL sip:b@h", rest)), shard);
    EXPECT_EQ(
        steer_text(request("ACK sip:b@h", "i: 7df0a@192.0.2.9\r\nTo: <sip:b@h>;tag=foreign\r\n")),
        shard);
}

TEST(Steering, CallIdsSpreadOverAllShards) {
    std::array<int, kShards> counts{};
    for (int i = 0; i < 800; ++i) {
        ++counts[steer_text(request("INVITE sip:b@h", "Call-ID: " + std::to_string(i) + "@h\r\n"))];
    }
    for (const int count : counts) {
        EXPECT_GT(count, 60);
    }
}

TEST(Steering, AMarkOfAShardThatDoesNotExistIsIgnored) {
    EXPECT_LT(steer_text(request("BYE sip:b@h", "To: <sip:b@h>;tag=pb9.q\r\nCall-ID: x\r\n")),
              kShards);
    EXPECT_EQ(marked_shard("pb."), std::nullopt);
    EXPECT_EQ(marked_shard("pb12345.x"), std::nullopt);
    EXPECT_EQ(marked_shard("pb3"), std::nullopt);
    EXPECT_EQ(marked_shard("pb-1.x"), std::nullopt);
}

TEST(Steering, AMarkReadsBackAsItWasWritten) {
    EXPECT_EQ(shard_mark(3), "pb3.");
    EXPECT_EQ(marked_shard(shard_mark(3)), 3U);
    EXPECT_EQ(marked_shard(shard_mark(127) + "k2hq5x0a"), 127U);
}

TEST(Steering, GarbageIsSteeredSomewhere) {
    EXPECT_LT(steer_text(""), kShards);
    EXPECT_LT(steer_text("\r\n\r\n"), kShards);
    EXPECT_LT(steer_text(std::string(64, '\0')), kShards);
    EXPECT_EQ(steer_text("anything", 1), 0U);
}

TEST(Steering, TheCallIdIsFoundByEitherNameAndIsEmptyWithoutOne) {
    for (const std::string_view line : {"Call-ID: a@b", "i:a@b", "call-id \t: a@b "}) {
        const std::string text = "BYE sip:x SIP/2.0\r\nTo: <sip:x>\r\n" + std::string(line) +
                                 "\r\nCall-ID: second\r\n\r\nCall-ID: body";
        EXPECT_EQ(peek_call_id(as_bytes(text)), "a@b") << line;
    }
    EXPECT_EQ(peek_call_id(as_bytes("BYE sip:x SIP/2.0\r\n\r\nCall-ID: body")), "");
}

}  // namespace
}  // namespace patchbay::sip
