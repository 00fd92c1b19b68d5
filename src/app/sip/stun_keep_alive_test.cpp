// SPDX-License-Identifier: Apache-2.0
#include "app/sip/stun_keep_alive.hpp"

#include "webrtc/stun/message.hpp"
#include "webrtc/stun/writer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace patchbay::app {
namespace {

constexpr SocketAddress kPhone{IpAddress::v4(192, 0, 2, 7), 40001};

Bytes binding_request() {
    const webrtc::TransactionId transaction{1, 2, 3};
    return webrtc::StunWriter(webrtc::StunClass::Request, webrtc::StunMethod::Binding, transaction)
        .finish();
}

TEST(StunKeepAlive, ThePhoneIsToldWhereItIsSeen) {  // RFC 5626 4.4.2
    const Bytes request = binding_request();
    EXPECT_TRUE(is_keep_alive(request));
    const auto answer = answer_keep_alive(request, kPhone);
    ASSERT_TRUE(answer);
    const auto message = webrtc::StunMessage::parse(*answer).value();
    EXPECT_EQ(message.message_class(), webrtc::StunClass::Success);
    EXPECT_EQ(message.transaction(), (webrtc::TransactionId{1, 2, 3}));
    EXPECT_EQ(message.address(webrtc::StunAttribute::XorMappedAddress).value(), kPhone);
}

TEST(StunKeepAlive, LineBreaksAndNulsWantNoAnswer) {
    for (const std::string& text : {std::string(), std::string("\r\n"), std::string("\r\n\r\n"),
                                    std::string(1, '\0'), std::string(4, '\0')}) {
        EXPECT_TRUE(is_keep_alive(as_bytes(text)));
        EXPECT_FALSE(answer_keep_alive(as_bytes(text), kPhone));
    }
}

TEST(StunKeepAlive, ASipMessageIsNone) {
    EXPECT_FALSE(is_keep_alive(as_bytes(std::string("OPTIONS sip:x@y SIP/2.0\r\n\r\n"))));
    EXPECT_FALSE(is_keep_alive(as_bytes(std::string("\r\n\r\nOPTIONS sip:x@y SIP/2.0\r\n"))));
}

TEST(StunKeepAlive, AnAnswerAndGarbageAreNotAnswered) {
    const auto answer = answer_keep_alive(binding_request(), kPhone);
    EXPECT_FALSE(answer_keep_alive(*answer, kPhone));
    EXPECT_FALSE(answer_keep_alive(Bytes(20, 0), kPhone));
    Bytes cut = binding_request();
    cut.resize(cut.size() - 1);
    EXPECT_FALSE(answer_keep_alive(cut, kPhone));
}

}  // namespace
}  // namespace patchbay::app
