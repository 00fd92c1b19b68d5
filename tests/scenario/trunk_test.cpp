// SPDX-License-Identifier: Apache-2.0
// Calls by trunks: numbers, accounts, headers, limits, and the next address when one fails.
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

// Phones 0 and 1 are the two addresses of the trunk "carrier"; 192.0.2.99 is nobody.
class TrunkCall : public testing::Test {
  protected:
    TrunkCall() {
        options_.phones = {{}, {}};
        carrier_.name = "carrier";
        carrier_.addresses = {{"192.0.2.10", 0, sip::Transport::Udp},
                              {"192.0.2.11", 0, sip::Transport::Udp}};
    }
    World& world() {
        if (!world_) {
            RouteTable::Settings table;
            table.routes = {{.name = "out",
                             .callee = Pattern::compile("0(\\d+)").value(),
                             .rewrite_callee = "+49\\1",
                             .destination = ToTrunk{{"carrier"}}}};
            options_.exchange.routes = std::make_shared<const RouteTable>(std::move(table));
            options_.exchange.services.gate.trunks =
                std::make_shared<const Trunks>(Trunks{carrier_});
            options_.exchange.services.quota = &quota_;
            world_.emplace(options_);
        }
        return *world_;
    }
    SessionKey dial(const std::string& id = "call", CallOption option = {}) {
        option.callee = "030 1234";
        const SessionKey call = world().open(id);
        world().command(call, command::Invite{option});
        return call;
    }
    int refused(SessionKey call) {
        const auto all = world().all<event::Reject>(call);
        return all.empty() ? 0 : all[0].code.value_or(-1);
    }

    WorldOptions options_;
    Trunk carrier_;
    LocalCallQuota quota_;
    std::optional<World> world_;
};

TEST_F(TrunkCall, TheNumberIsRewrittenAndTheCallIsAnswered) {
    const SessionKey call = dial();
    world().run(Seconds(1));
    EXPECT_TRUE(world().happened(call, "answer"));
    EXPECT_EQ(world().ladder().front(), "> INVITE sip:+49301234@192.0.2.10 SIP/2.0");
    EXPECT_EQ(quota_.count("trunk carrier"), 1U);
    world().command(call, command::Hangup{});
    world().run(Seconds(1));
    EXPECT_EQ(quota_.count("trunk carrier"), 0U);
}

TEST_F(TrunkCall, AnAddressInTroubleIsLeftForTheNext) {
    options_.phones[0] = {.answer_after = Milliseconds(50), .reject = sip::Rejection{503, {}, {}}};
    const SessionKey call = dial();
    world().run(Seconds(2));
    EXPECT_TRUE(world().happened(call, "answer"));
    EXPECT_FALSE(world().happened(call, "reject"));
    EXPECT_TRUE(world().phone(1).is_answered());
    world().command(call, command::Hangup{});
    world().run(Seconds(40));
    EXPECT_EQ(world().open_ports(), 0U);
    EXPECT_EQ(world().exchange().session_count(), 0U);
}

TEST_F(TrunkCall, AnAddressThatIsSilentIsLeftAfterTimerB) {
    carrier_.addresses.insert(carrier_.addresses.begin(), {"192.0.2.99", 0, sip::Transport::Udp});
    const SessionKey call = dial();
    world().run(Seconds(34));
    EXPECT_TRUE(world().happened(call, "answer"));
}

TEST_F(TrunkCall, ANameThatLeadsNowhereIsLeftAtOnce) {
    carrier_.addresses.insert(carrier_.addresses.begin(), {"gone.example", 0, sip::Transport::Udp});
    const SessionKey call = dial();
    world().run(Seconds(1));
    EXPECT_TRUE(world().happened(call, "answer"));
}

TEST_F(TrunkCall, WhoIsBusyIsBusyOnEveryWay) {
    options_.phones[0] = {.answer_after = Milliseconds(50), .reject = sip::Rejection{486, {}, {}}};
    const SessionKey call = dial();
    world().run(Seconds(2));
    EXPECT_EQ(refused(call), 486);
    EXPECT_FALSE(world().phone(1).in_call());
}

TEST_F(TrunkCall, TheLastRefusalIsTold) {
    options_.phones[0] = {.answer_after = Milliseconds(50), .reject = sip::Rejection{503, {}, {}}};
    options_.phones[1] = {.answer_after = Milliseconds(50), .reject = sip::Rejection{500, {}, {}}};
    const SessionKey call = dial();
    world().run(Seconds(2));
    EXPECT_EQ(refused(call), 500);
    EXPECT_EQ(quota_.count("trunk carrier"), 0U);
}

TEST_F(TrunkCall, ATrunkHasOnlySoManyCalls) {
    carrier_.limit.calls = 1;
    const SessionKey first = dial("a");
    world().run(Seconds(1));
    const SessionKey second = dial("b");
    world().run(Seconds(1));
    EXPECT_TRUE(world().happened(first, "answer"));
    EXPECT_EQ(refused(second), 503);
    world().close(first);
    world().run(Seconds(1));
    const SessionKey third = dial("c");
    world().run(Seconds(1));
    EXPECT_TRUE(world().happened(third, "answer"));
}

TEST_F(TrunkCall, ADeniedNumberNeverLeaves) {
    options_.exchange.services.denied_prefixes = {"+4930"};
    const SessionKey call = dial();
    world().run(Seconds(1));
    EXPECT_EQ(refused(call), 403);
    EXPECT_THAT(world().ladder(), testing::IsEmpty());
    EXPECT_EQ(world().exchange().gate_counts().denied_numbers, 1U);
}

TEST_F(TrunkCall, ItsCodecsComeBeforeTheServersUnlessTheClientNamesOne) {
    carrier_.codecs = {"PCMA"};
    const SessionKey call = dial();
    world().run(Seconds(1));
    EXPECT_THAT(world().all<event::Answer>(call).at(0).sdp, HasSubstr("PCMA/8000"));
    EXPECT_THAT(world().all<event::Answer>(call).at(0).sdp, Not(HasSubstr("PCMU")));
    world().close(call);
    world().run(Seconds(1));
    CallOption option;
    option.codec = "pcmu";
    const SessionKey other = dial("other", option);
    world().run(Seconds(1));
    EXPECT_THAT(world().all<event::Answer>(other).at(0).sdp, HasSubstr("PCMU/8000"));
}

TEST_F(TrunkCall, WithEncryptionMandatoryAPhoneWithoutItIsNoCallee) {
    carrier_.crypto = sdp::CryptoPolicy::Mandatory;
    const SessionKey call = dial();
    world().run(Seconds(2));
    EXPECT_EQ(refused(call), 488);
}

TEST_F(TrunkCall, CallsFromItsAddressesComeByItAndCount) {
    carrier_.sources = {{IpAddress::v4(192, 0, 2, 10), 32}};
    carrier_.limit.calls = 1;
    world().phone_calls("echo", 0);
    world().run(Seconds(1));
    EXPECT_TRUE(world().phone(0).is_answered());
    EXPECT_EQ(quota_.count("trunk carrier"), 1U);
    EXPECT_EQ(refused(dial()), 503);
}

}  // namespace
}  // namespace patchbay::test
