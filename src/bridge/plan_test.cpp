// SPDX-License-Identifier: Apache-2.0
#include "bridge/plan.hpp"

#include "bridge/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>

namespace patchbay::bridge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Settings settings(std::string provider = "loopback") {
    Settings out;
    out.enabled = true;
    out.sip_server = "192.0.2.10:5060;transport=tcp";
    out.sip_user = "trunk";
    out.sip_pass = Secret<std::string>("secret");
    out.provider = std::move(provider);
    return out;
}

call::RouteChoice choose(const Plan& plan, const std::string& callee, const std::string& trunk) {
    const call::RouteTable table({.routes = plan.routes, .built_ins = false});
    return table.choose({.callee = callee, .caller = "anna", .host = {}, .trunk = trunk});
}

TEST(BridgePlan, ABridgeThatIsNotEnabledIsNothing) {
    Settings off = settings();
    off.enabled = false;
    const Plan plan = plan_of({{"default", off}});
    EXPECT_THAT(plan.trunks, IsEmpty());
    EXPECT_THAT(plan.routes, IsEmpty());
    EXPECT_THAT(plan.listeners, IsEmpty());
}

TEST(BridgePlan, ThePbxIsATrunkThatProvesItselfAndSaysWhoCalls) {
    const Plan plan = plan_of({{"default", settings()}});
    ASSERT_THAT(plan.trunks, SizeIs(1));
    const call::Trunk& trunk = plan.trunks[0];
    EXPECT_EQ(trunk.name, "bridge/default/pbx");
    EXPECT_THAT(trunk.addresses,
                ElementsAre(call::TrunkAddress{"192.0.2.10", 5060, sip::Transport::Tcp}));
    ASSERT_TRUE(trunk.credentials);
    EXPECT_EQ(trunk.credentials->username, "trunk");
    EXPECT_TRUE(trunk.assert_identity);
}

TEST(BridgePlan, ANumberFromThePbxComesBackToItByTheLoopbackSide) {
    const Plan plan = plan_of({{"default", settings()}});
    const call::RouteChoice choice = choose(plan, "+5511987654321", "bridge/default/pbx");
    EXPECT_EQ(choice.destination, call::Destination(call::ToTrunk{{"bridge/default/pbx"}}));
    EXPECT_EQ(choice.callee, "+5511987654321");
    EXPECT_EQ(choice.route, "bridge/default/to-pbx");
}

TEST(BridgePlan, TheExtensionIsCalledInTheNumbersPlace) {
    Settings with = settings();
    with.sip_extension = "1001";
    const Plan plan = plan_of({{"default", with}});
    EXPECT_EQ(choose(plan, "5511987654321", "bridge/default/pbx").callee, "1001");
}

TEST(BridgePlan, WhatIsNoE164NumberIsNotFound) {
    const Plan plan = plan_of({{"default", settings()}});
    for (const char* callee : {"anna", "echo", "011987654321", "123", ""}) {
        EXPECT_TRUE(std::holds_alternative<call::Refusal>(
            choose(plan, callee, "bridge/default/pbx").destination))
            << callee;
    }
}

TEST(BridgePlan, CallsOfOthersAreNotAskedAbout) {
    const call::RouteTable table(
        {.routes = plan_of({{"default", settings()}}).routes, .built_ins = false});
    EXPECT_EQ(table.find({.callee = "5511987654321", .caller = "anna"}), std::nullopt);
}

TEST(BridgePlan, ASideThatThisVersionDoesNotHaveAnswers503) {
    const Plan plan = plan_of({{"default", settings("page")}});
    const call::RouteChoice choice = choose(plan, "+5511987654321", "bridge/default/pbx");
    ASSERT_TRUE(std::holds_alternative<call::Refusal>(choice.destination));
    EXPECT_EQ(std::get<call::Refusal>(choice.destination).status, 503);
}

Settings graph() {
    Settings with = settings("");
    with.meta.phone_number_id = "436666719526789";
    with.meta.access_token = Secret<std::string>("EAA");
    with.meta.graph_url = "http://127.0.0.1:9000/v23.0/";
    return with;
}

TEST(BridgePlan, TheGraphSideIsANeighbourInThisProcess) {
    const Plan plan = plan_of({{"default", graph()}});
    ASSERT_THAT(plan.trunks, SizeIs(2));
    const call::Trunk& trunk = plan.trunks[1];
    EXPECT_EQ(trunk.name, "bridge/default/whatsapp");
    EXPECT_EQ(trunk.flow, flow_to_side("default"));
    EXPECT_TRUE(trunk.early_transport);
    ASSERT_THAT(plan.side_doors, SizeIs(1));
    EXPECT_EQ(plan.side_doors[0].trunk, "bridge/default/whatsapp");
    ASSERT_THAT(plan.graph_accounts, SizeIs(1));
    EXPECT_EQ(plan.graph_accounts[0].url, "http://127.0.0.1:9000/v23.0");
    EXPECT_EQ(choose(plan, "+5511987654321", "bridge/default/pbx").destination,
              call::Destination(call::ToTrunk{{"bridge/default/whatsapp"}}));
    EXPECT_EQ(choose(plan, "+551130000000", "bridge/default/whatsapp").destination,
              call::Destination(call::ToTrunk{{"bridge/default/pbx"}}));
}

// RFC 6666: no packet of a network comes from there, nor does one of ours leave for it.
TEST(BridgePlan, NoTwoSidesShareAnAddressAndNoneIsOfANetwork) {
    EXPECT_NE(flow_to_side("default").remote, flow_to_side("sales").remote);
    EXPECT_NE(flow_to_side("default").local, flow_to_side("default").remote);
    EXPECT_TRUE(leads_to_side(flow_to_side("default")));
    sip::Flow stranger = flow_to_side("default");
    stranger.local = *SocketAddress::parse("[::1]:5060");
    EXPECT_FALSE(leads_to_side(stranger)) << "a packet with a forged source";
}

TEST(BridgePlan, WithoutAPbxAWhatsAppCallWaitsForAClient) {
    Settings with = graph();
    with.sip_server.clear();
    const Plan plan = plan_of({{"default", with}});
    const auto destination = choose(plan, "+551130000000", "bridge/default/whatsapp").destination;
    ASSERT_TRUE(std::holds_alternative<call::ToApplication>(destination));
    EXPECT_TRUE(is_of_bridge(std::get<call::ToApplication>(destination).handler));
}

TEST(BridgePlan, RegistrationIsOnRequest) {
    EXPECT_THAT(plan_of({{"default", settings()}}).accounts, IsEmpty());
    Settings with = settings();
    with.sip_register = true;
    const Plan plan = plan_of({{"default", with}});
    ASSERT_THAT(plan.accounts, SizeIs(1));
    EXPECT_EQ(plan.accounts[0].address_of_record.to_string(), "sip:trunk@192.0.2.10");
    EXPECT_EQ(plan.accounts[0].servers.at(0).to_string(), "sip:192.0.2.10:5060;transport=tcp");
}

TEST(BridgePlan, EachBridgeHasNeighboursAndAListenerOfItsOwn) {
    Settings second = settings();
    second.sip_listen_port = 5081;
    const Plan plan = plan_of({{"default", settings()}, {"sales", second}});
    EXPECT_THAT(plan.trunks, SizeIs(2));
    ASSERT_THAT(plan.listeners, SizeIs(2));
    EXPECT_EQ(plan.listeners[1].port, 5081);
    EXPECT_EQ(choose(plan, "5511987654321", "bridge/sales/pbx").destination,
              call::Destination(call::ToTrunk{{"bridge/sales/pbx"}}));
}

}  // namespace
}  // namespace patchbay::bridge
