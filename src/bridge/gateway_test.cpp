// SPDX-License-Identifier: Apache-2.0
// The gateway against a user agent in the engine's part; what they say to each other is SIP.
#include "bridge/gateway.hpp"

#include "base/random.hpp"
#include "sip/user_agent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace patchbay::bridge {
namespace {

using testing::HasSubstr;

class GatewayTest : public testing::Test {
  protected:
    void take(GatewayOutputs out) {
        std::ranges::move(out.events, std::back_inserter(told_));
        for (const std::string& message : out.messages) {
            sip::Outputs answer;
            engine_.handle_message(now_, flow_, as_bytes(message), answer);
            take(std::move(answer));
        }
    }
    void take(sip::Outputs out) {
        std::ranges::move(out.events, std::back_inserter(heard_));
        for (const sip::Transmit& transmit : out.transmits) {
            EXPECT_TRUE(leads_to_side(transmit.flow));
            GatewayOutputs answer;
            gateway_.handle_message(now_, as_bytes(transmit.bytes), answer);
            take(std::move(answer));
        }
    }
    // The engine calls a number.
    void call_number() {
        sip::InviteRequest request;
        request.target = sip::Uri::sip("+5511987654321", "whatsapp.invalid");
        request.from.uri = sip::Uri::sip("pbx", "pbx.invalid");
        request.to.uri = request.target;
        request.flow = flow_;
        request.body = {"application/sdp", "offer"};
        sip::Outputs out;
        outgoing_ = engine_.invite(now_, std::move(request), out);
        take(std::move(out));
    }
    template <class Event, class Events>
    static const Event* find(const Events& events) {
        for (const auto& event : events) {
            if (const auto* found = std::get_if<Event>(&event)) {
                return found;
            }
        }
        return nullptr;
    }
    void answer(GatewayCall call) {
        GatewayOutputs out;
        gateway_.answer(now_, call, "answer", out);
        take(std::move(out));
    }
    void reoffer(const std::string& body) {
        sip::Outputs out;
        engine_.reoffer(now_, outgoing_, {"application/sdp", body}, {}, out);
        take(std::move(out));
    }

    Instant now_{Seconds(1'000)};
    SeededRandom random_{1};
    const sip::Flow flow_ = flow_to_side("default");
    sip::UserAgent engine_{{}, random_};
    Gateway gateway_{"default", random_};
    sip::CallHandle outgoing_;
    std::vector<GatewayEvent> told_;
    std::vector<sip::Event> heard_;
};

TEST_F(GatewayTest, ANumberThatIsCalledRingsIsAnsweredAndEnds) {
    call_number();
    const auto* called = find<NumberCalled>(told_);
    ASSERT_NE(called, nullptr);
    EXPECT_EQ(called->number, "+5511987654321");
    EXPECT_EQ(called->offer, "offer");
    const GatewayCall call = called->call;
    GatewayOutputs out;
    gateway_.ring(now_, call, out);
    take(std::move(out));
    EXPECT_NE(find<sip::Progress>(heard_), nullptr);
    answer(call);
    ASSERT_NE(find<sip::Answered>(heard_), nullptr);
    EXPECT_EQ(find<sip::Answered>(heard_)->response.body(), "answer");
    sip::Outputs bye;
    engine_.hangup(now_, outgoing_, {}, bye);
    take(std::move(bye));
    ASSERT_NE(find<CallEnded>(told_), nullptr);
    EXPECT_EQ(find<CallEnded>(told_)->status, 0);
}

TEST_F(GatewayTest, ARefusalHasItsWords) {
    call_number();
    GatewayOutputs out;
    gateway_.refuse(now_, find<NumberCalled>(told_)->call, 403, "not permitted", out);
    take(std::move(out));
    ASSERT_NE(find<sip::Rejected>(heard_), nullptr);
    EXPECT_EQ(find<sip::Rejected>(heard_)->status, 403);
    EXPECT_EQ(find<sip::Rejected>(heard_)->reason, "not permitted");
}

// WhatsApp has one description for the whole of a call.
TEST_F(GatewayTest, ARefreshIsAnsweredAndAHoldIsRefusedWhileTheCallGoesOn) {
    call_number();
    answer(find<NumberCalled>(told_)->call);
    reoffer("offer");
    ASSERT_NE(find<sip::ReofferAnswered>(heard_), nullptr);
    EXPECT_EQ(find<sip::ReofferAnswered>(heard_)->response.body(), "answer");
    reoffer("a=sendonly");
    ASSERT_NE(find<sip::ReofferRefused>(heard_), nullptr);
    EXPECT_EQ(find<sip::ReofferRefused>(heard_)->status, 488);
    EXPECT_EQ(find<CallEnded>(told_), nullptr);
}

TEST_F(GatewayTest, AUserWhoCallsRingsAtThePbxWhichMayRefuse) {
    GatewayOutputs out;
    const GatewayCall call = gateway_.call_pbx(now_,
                                               {.number = "+5511987654321",
                                                .name = "Ana",
                                                .callee = "+551130000000",
                                                .offer = "offer",
                                                .headers = {{"X-WA-Meta-WACID", "wacid.1"}}},
                                               out);
    take(std::move(out));
    const auto* incoming = find<sip::IncomingCall>(heard_);
    ASSERT_NE(incoming, nullptr);
    EXPECT_THAT(incoming->request.text(), HasSubstr("X-WA-Meta-WACID: wacid.1"));
    const sip::CallHandle at_engine = incoming->call;
    sip::Outputs answer;
    engine_.ring(now_, at_engine, {.status = 183, .body = {"application/sdp", "early"}}, answer);
    take(std::exchange(answer, {}));
    ASSERT_NE(find<PbxRings>(told_), nullptr);
    EXPECT_EQ(find<PbxRings>(told_)->answer, "early");
    engine_.reject(now_, at_engine, {.status = 486, .reason = {}, .headers = {}}, answer);
    take(std::move(answer));
    ASSERT_NE(find<CallEnded>(told_), nullptr);
    EXPECT_EQ(find<CallEnded>(told_)->call, call);
    EXPECT_EQ(find<CallEnded>(told_)->status, 486);
}

TEST_F(GatewayTest, AUserWhoGivesUpCancels) {
    GatewayOutputs out;
    const GatewayCall call = gateway_.call_pbx(
        now_, {.number = "a", .name = {}, .callee = "b", .offer = "offer", .headers = {}}, out);
    take(std::exchange(out, {}));
    gateway_.hang_up(now_, call, "gone", out);
    take(std::move(out));
    EXPECT_NE(find<sip::Canceled>(heard_), nullptr);
}

}  // namespace
}  // namespace patchbay::bridge
