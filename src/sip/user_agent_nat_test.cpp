// SPDX-License-Identifier: Apache-2.0
// Whom a user agent believes about its own public address.
#include "base/random.hpp"
#include "sip/header.hpp"
#include "sip/message_writer.hpp"
#include "sip/user_agent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::sip {
namespace {

using testing::HasSubstr;

const Flow kFlow{.transport = Transport::Udp,
                 .local = {IpAddress::v4(10, 0, 0, 5), 5060},
                 .remote = {IpAddress::v4(8, 8, 4, 4), 5060}};
constexpr SocketAddress kSeen{IpAddress::v4(9, 9, 9, 9), 40001};
constexpr Instant kNow{Seconds(100)};

class UserAgentBehindNat : public testing::Test {
  protected:
    void ask(const std::string& method) {
        OutgoingRequest request;
        request.method = method;
        request.target = Uri::parse("sip:example.com").value();
        request.from.uri = Uri::parse("sip:us@example.com").value();
        request.to.uri = request.from.uri;
        request.flow = kFlow;
        agent_.request(kNow, std::move(request), out_);
    }
    void call() {
        InviteRequest request;
        request.target = Uri::parse("sip:bob@example.com").value();
        request.from.uri = Uri::parse("sip:us@example.com").value();
        request.to.uri = request.target;
        request.flow = kFlow;
        request.body = {"application/sdp", "v=0"};
        agent_.invite(kNow, std::move(request), out_);
    }
    // The response of a server that saw the latest request come from kSeen.
    std::string response() const {
        const Message request = Message::parse(out_.transmits.back().bytes).value();
        return MessageWriter::response(
                   request, {.status = 200, .reason = {}, .to_tag = "t", .source = kSeen})
            .finish()
            .value();
    }
    void hear(const std::string& text) { agent_.handle_message(kNow, kFlow, as_bytes(text), out_); }
    std::string contact() {
        call();
        return std::string(Message::parse(out_.transmits.back().bytes)
                               .value()
                               .header(HeaderId::Contact)
                               .value_or(""));
    }

    SeededRandom random_{1};
    UserAgent agent_{{.learn_public_address = true}, random_};
    Outputs out_;
};

TEST_F(UserAgentBehindNat, AServerThatWeRegisterWithIsBelieved) {
    ask("REGISTER");
    hear(response());
    EXPECT_THAT(contact(), HasSubstr("@9.9.9.9:40001"));
}

TEST_F(UserAgentBehindNat, AnAnswerToNothingIsNotBelieved) {
    ask("REGISTER");
    std::string forged = response();
    forged.replace(forged.find("z9hG4bK") + 7, 4, "evil");
    hear(forged);
    EXPECT_THAT(contact(), HasSubstr("@10.0.0.5:5060"));
}

TEST_F(UserAgentBehindNat, ACalleeIsNotBelieved) {
    call();
    hear(response());
    EXPECT_THAT(contact(), HasSubstr("@10.0.0.5:5060"));
}

TEST_F(UserAgentBehindNat, NobodyIsBelievedUnlessAsked) {
    UserAgent other({}, random_);
    OutgoingRequest request;
    request.method = "REGISTER";
    request.target = Uri::parse("sip:example.com").value();
    request.from.uri = request.target;
    request.to.uri = request.target;
    request.flow = kFlow;
    other.request(kNow, std::move(request), out_);
    other.handle_message(kNow, kFlow, as_bytes(response()), out_);
    EXPECT_TRUE(other.learned().empty());
}

}  // namespace
}  // namespace patchbay::sip
