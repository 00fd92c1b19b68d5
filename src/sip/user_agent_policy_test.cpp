// SPDX-License-Identifier: Apache-2.0
// What the policy of a user agent decides before a request costs any state.
#include "sip/inbound_policy.hpp"
#include "sip/user_agent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patchbay::sip {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class FixedPolicy final : public InboundPolicy {
  public:
    Judgement judge(Instant, const Flow&, const Message& request) override {
        asked.emplace_back(request.method_name());
        return answer;
    }
    Judgement answer = Admitted{};
    std::vector<std::string> asked;
};

class UserAgentPolicy : public testing::Test {
  protected:
    void receive(const std::string& method,
                 const std::string& branch = "z9hG4bKa",
                 const std::string& to_tag = "") {
        const std::string text =
            method +
            " sip:alice@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=" + branch +
            "\r\nMax-Forwards: 70\r\nFrom: <sip:x@example.com>;tag=1\r\nTo: "
            "<sip:alice@example.com>" +
            to_tag + "\r\nCall-ID: c" + branch + "\r\nCSeq: 1 " + method +
            "\r\nContact: <sip:x@192.0.2.9>\r\nContent-Length: 0\r\n\r\n";
        agent_.handle_message(now_, flow_, as_bytes(text), out_);
    }
    std::string sent() const { return out_.transmits.empty() ? "" : out_.transmits.back().bytes; }

    Instant now_{Seconds(1'000)};
    Flow flow_{
        Transport::Udp, {IpAddress::v4(192, 0, 2, 1), 5060}, {IpAddress::v4(192, 0, 2, 9), 5060}};
    FixedPolicy policy_;
    SeededRandom random_{1};
    UserAgent agent_{{.registrar = true, .policy = &policy_}, random_};
    Outputs out_;
};

TEST_F(UserAgentPolicy, ARefusedInviteIsAnsweredAndLeavesNoState) {
    policy_.answer = Refused{401, {}, {{"WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\""}}};
    receive("INVITE");
    EXPECT_THAT(sent(), StartsWith("SIP/2.0 401 Unauthorized\r\n"));
    EXPECT_THAT(sent(), HasSubstr("WWW-Authenticate: Digest realm=\"r\""));
    EXPECT_THAT(out_.events, IsEmpty());
    EXPECT_EQ(agent_.counts().calls, 0U);
    EXPECT_EQ(agent_.counts().transactions, 0U);
}

TEST_F(UserAgentPolicy, AnIgnoredRequestGetsNoAnswerAtAll) {
    policy_.answer = Ignored{};
    for (const char* method : {"INVITE", "REGISTER", "OPTIONS", "BYE"}) {
        receive(method, std::string("z9hG4bK") + method);
    }
    EXPECT_THAT(out_.transmits, IsEmpty());
    EXPECT_THAT(out_.events, IsEmpty());
    EXPECT_EQ(agent_.counts().transactions, 0U);
}

TEST_F(UserAgentPolicy, ItsFindingsComeWithTheCall) {
    policy_.answer = Admitted{.user = "bob", .peer = "carrier"};
    receive("INVITE");
    ASSERT_THAT(out_.events, SizeIs(1));
    EXPECT_EQ(std::get<IncomingCall>(out_.events[0]).admitted.user, "bob");
    EXPECT_EQ(std::get<IncomingCall>(out_.events[0]).admitted.peer, "carrier");
}

TEST_F(UserAgentPolicy, IsNotAskedForRepeatsNorInsideDialogs) {
    receive("REGISTER");
    ASSERT_THAT(out_.events, SizeIs(1));
    const auto registered = std::get<RegisterReceived>(out_.events[0]);
    agent_.respond(now_, registered.flow, registered.request, {}, out_);
    receive("REGISTER");
    receive("BYE", "z9hG4bKb", ";tag=none");
    EXPECT_THAT(policy_.asked, SizeIs(1));
    EXPECT_THAT(out_.events, SizeIs(1));
}

TEST_F(UserAgentPolicy, ARegisterIsAnsweredWithTheBindingsAndRepeatsGetTheSame) {
    receive("REGISTER");
    ASSERT_THAT(out_.events, SizeIs(1));
    const auto registered = std::get<RegisterReceived>(out_.events[0]);
    agent_.respond(now_, registered.flow, registered.request,
                   {200, {}, {{"Contact", "<sip:x@192.0.2.9>;expires=60"}}}, out_);
    const std::string answer = sent();
    EXPECT_THAT(answer, StartsWith("SIP/2.0 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("Contact: <sip:x@192.0.2.9>;expires=60\r\n"));
    EXPECT_THAT(answer, HasSubstr(";tag=pb0."));
    receive("REGISTER");
    ASSERT_THAT(out_.transmits, SizeIs(2));
    EXPECT_EQ(out_.transmits[1].bytes, answer);
}

TEST_F(UserAgentPolicy, WithoutARegistrarRegisterIsNoMethodOfOurs) {
    receive("REGISTER");
    ASSERT_THAT(out_.events, SizeIs(1));
    const auto registered = std::get<RegisterReceived>(out_.events[0]);
    UserAgent phone({}, random_);
    phone.handle_message(now_, flow_, as_bytes(registered.request.text()), out_);
    EXPECT_THAT(sent(), StartsWith("SIP/2.0 405"));
}

}  // namespace
}  // namespace patchbay::sip
