// SPDX-License-Identifier: Apache-2.0
#include "app/sip/trace.hpp"

#include "app/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace patchbay::app {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

std::string options(const std::string& call_id, const std::string& more = "") {
    return "OPTIONS sip:a@b SIP/2.0\r\nCall-ID: " + call_id + "\r\n" + more + "\r\n";
}

void add(SipTrace& trace,
         const std::string& text,
         SipTrace::Direction direction = SipTrace::Direction::Received) {
    const sip::Flow flow{sip::Transport::Udp, *SocketAddress::parse("127.0.0.1:5060"),
                         *SocketAddress::parse("192.0.2.1:5070"), 0};
    trace.add(WallTime{1000}, direction, flow, as_bytes(text));
}

TEST(SipTrace, MessagesOfACallAreFoundByCallIdAndBySessionId) {
    SipTrace trace;
    add(trace, options("c1"));
    add(trace, options("c2"));
    add(trace, options("c1"), SipTrace::Direction::Sent);
    trace.name("c1", call::SessionId("session"));
    const auto found = trace.find("session");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->call_id, "c1");
    ASSERT_THAT(found->messages, SizeIs(2));
    EXPECT_FALSE(found->messages[0].sent);
    EXPECT_TRUE(found->messages[1].sent);
    EXPECT_EQ(found->messages[0].remote, "192.0.2.1:5070");
    EXPECT_EQ(trace.find("c1"), found);
    EXPECT_FALSE(trace.find("other"));
}

TEST(SipTrace, CredentialsAndMediaKeysAreRemovedBeforeAnythingIsKept) {
    SipTrace trace;
    add(trace, options("c1",
                       "authorization: Digest username=\"me\",\r\n response=\"5ec2e7\"\r\n"
                       "Proxy-Authorization : Digest response=\"5ec2e7\"\r\nX-Kept: yes\r\n"));
    const std::string text = trace.find("c1")->messages[0].text;
    EXPECT_THAT(text, Not(HasSubstr("5ec2e7")));
    EXPECT_THAT(text, Not(HasSubstr("username")));
    EXPECT_THAT(text, HasSubstr("Authorization: ***\r\n"));
    EXPECT_THAT(text, HasSubstr("X-Kept: yes\r\n"));
    EXPECT_THAT(
        without_secrets("v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0|2^20\r\n"),
        testing::StrEq("v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***\r\n"));
}

TEST(SipTrace, WhatIsNoSipOrHasNoCallIdIsNotKept) {
    SipTrace trace;
    add(trace, "garbage");
    add(trace, "OPTIONS sip:a@b SIP/2.0\r\n\r\n");
    EXPECT_EQ(trace.bytes(), 0U);
}

TEST(SipTrace, ACallKeepsItsFirstMessagesAndSaysThatMoreCame) {
    SipTrace trace;
    for (std::size_t i = 0; i < kMaxTracedMessages + 5; ++i) {
        add(trace, options("c1"));
    }
    EXPECT_THAT(trace.find("c1")->messages, SizeIs(kMaxTracedMessages));
    EXPECT_TRUE(trace.find("c1")->truncated);
}

TEST(SipTrace, TheShardKeepsALimitedNumberOfBytesAndForgetsTheCallSilentLongest) {
    SipTrace trace;
    const std::string padding = "X-Padding: " + std::string(4000, 'x') + "\r\n";
    for (int i = 0; i < 3000; ++i) {
        add(trace, options("c" + std::to_string(i), padding));
        add(trace, options("kept"));
    }
    EXPECT_LE(trace.bytes(), kMaxTraceBytes);
    EXPECT_TRUE(trace.find("kept"));
    EXPECT_TRUE(trace.find("c2999"));
    EXPECT_FALSE(trace.find("c0"));
}

}  // namespace
}  // namespace patchbay::app
