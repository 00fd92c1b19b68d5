// SPDX-License-Identifier: Apache-2.0
// An INVITE and its targets: RFC 3263 4.3.
#include "base/random.hpp"
#include "sip/header.hpp"
#include "sip/message_writer.hpp"
#include "sip/user_agent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace patchbay::sip {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

Flow flow_to(std::uint8_t last, Transport transport = Transport::Udp) {
    return {.transport = transport,
            .local = {IpAddress::v4(192, 0, 2, 1), 5060},
            .remote = {IpAddress::v4(192, 0, 2, last), 5060}};
}

class Failover : public testing::Test {
  protected:
    void call(std::vector<Flow> flows) {
        InviteRequest request;
        request.target = Uri::parse("sip:bob@example.com").value();
        request.from.uri = Uri::parse("sip:alice@192.0.2.1").value();
        request.to.uri = request.target;
        request.flow = flows.front();
        request.alternates = {flows.begin() + 1, flows.end()};
        request.body = {"application/sdp", "v=0"};
        call_ = agent_.invite(now_, std::move(request), out_);
    }
    Message invite(std::size_t number) {
        std::vector<Message> invites;
        for (const Transmit& one : out_.transmits) {
            if (one.bytes.starts_with("INVITE ")) {
                invites.push_back(Message::parse(one.bytes).value());
            }
        }
        return invites.at(number);
    }
    void respond(const Message& request, int status) {
        const std::string text =
            MessageWriter::response(
                request, {.status = status, .reason = {}, .to_tag = "bob", .source = std::nullopt})
                .finish()
                .value();
        agent_.handle_message(now_, out_.transmits.back().flow, as_bytes(text), out_);
    }
    // Lets virtual time pass, transaction timers included.
    void run(Nanoseconds duration) {
        const Instant end = now_ + duration;
        while (agent_.next_timeout() && *agent_.next_timeout() <= end) {
            now_ = *agent_.next_timeout();
            agent_.handle_timeout(now_, out_);
        }
        now_ = end;
    }
    template <class E>
    std::vector<E> all() const {
        std::vector<E> found;
        for (const Event& event : out_.events) {
            if (const auto* one = std::get_if<E>(&event)) {
                found.push_back(*one);
            }
        }
        return found;
    }

    SeededRandom random_{1};
    UserAgent agent_{{}, random_};
    Instant now_{Seconds(100)};
    Outputs out_;
    CallHandle call_;
};

TEST_F(Failover, ATransportErrorLeadsToTheNextTargetAtOnce) {
    call({flow_to(7), flow_to(8, Transport::Tcp)});
    agent_.handle_transport_error(now_, flow_to(7), out_);
    EXPECT_EQ(out_.transmits.back().flow, flow_to(8, Transport::Tcp));
    const Message first = invite(0);
    const Message second = invite(1);
    EXPECT_EQ(second.get<CallId>()->value, first.get<CallId>()->value);
    EXPECT_EQ(second.get<CSeq>()->number, first.get<CSeq>()->number);
    EXPECT_EQ(second.get<From>()->tag(), first.get<From>()->tag());
    EXPECT_EQ(second.body(), "v=0");
    EXPECT_NE(second.get<Via>()->branch(), first.get<Via>()->branch());
    EXPECT_EQ(second.get<Via>()->transport, "TCP");
    EXPECT_THAT(second.header(HeaderId::Contact).value_or(""), HasSubstr(";transport=tcp"));
    EXPECT_THAT(all<Rejected>(), SizeIs(0));
    ASSERT_THAT(all<HopFailed>(), SizeIs(1));
    EXPECT_EQ(all<HopFailed>()[0].flow, flow_to(7));
}

TEST_F(Failover, SilenceLeadsToTheNextTargetWhenTheTransactionGivesUp) {
    call({flow_to(7), flow_to(8)});
    run(Seconds(33));  // timer B
    EXPECT_EQ(out_.transmits.back().flow, flow_to(8));
    respond(invite(out_.transmits.size() - 1), 180);
    EXPECT_THAT(all<Progress>(), SizeIs(1));
}

TEST_F(Failover, A503LeadsToTheNextTargetAndIsAcknowledged) {
    call({flow_to(7), flow_to(8)});
    respond(invite(0), 100);
    respond(invite(0), 503);
    EXPECT_EQ(invite(1).get<CSeq>()->number, 1U);
    EXPECT_THAT(all<Rejected>(), SizeIs(0));
    const auto acks = std::count_if(out_.transmits.begin(), out_.transmits.end(),
                                    [](auto& one) { return one.bytes.starts_with("ACK "); });
    EXPECT_EQ(acks, 1);
}

TEST_F(Failover, TheLastTargetsFailureIsTheCalls) {
    call({flow_to(7), flow_to(8)});
    agent_.handle_transport_error(now_, flow_to(7), out_);
    agent_.handle_transport_error(now_, flow_to(8), out_);
    ASSERT_THAT(all<Rejected>(), SizeIs(1));
    EXPECT_EQ(all<Rejected>()[0].status, 503);
    EXPECT_THAT(all<HopFailed>(), SizeIs(2));
    run(Seconds(64));
    EXPECT_EQ(agent_.counts().calls, 0U);
    EXPECT_EQ(agent_.counts().transactions, 0U);
}

TEST_F(Failover, AnyOtherRefusalIsFinal) {
    for (const int status : {404, 486, 500, 603}) {
        out_ = {};
        call({flow_to(7), flow_to(8)});
        respond(invite(0), status);
        ASSERT_THAT(all<Rejected>(), SizeIs(1)) << status;
        EXPECT_EQ(all<Rejected>()[0].status, status);
    }
}

TEST_F(Failover, ACallThatRangIsNotMadeTwice) {
    call({flow_to(7, Transport::Tcp), flow_to(8)});
    respond(invite(0), 180);
    const std::size_t sent = out_.transmits.size();
    agent_.handle_transport_error(now_, flow_to(7, Transport::Tcp), out_);
    run(Seconds(40));
    EXPECT_EQ(out_.transmits.size(), sent);  // the answer may still come, by another connection
}

TEST_F(Failover, ACallThatWasHungUpGoesNowhereElse) {
    call({flow_to(7), flow_to(8)});
    agent_.hangup(now_, call_, {}, out_);
    const std::size_t sent = out_.transmits.size();
    agent_.handle_transport_error(now_, flow_to(7), out_);
    EXPECT_EQ(out_.transmits.size(), sent);
    run(Seconds(64));
    EXPECT_EQ(agent_.counts().calls, 0U);
}

}  // namespace
}  // namespace patchbay::sip
