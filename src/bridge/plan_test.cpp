// SPDX-License-Identifier: Apache-2.0
#include "bridge/plan.hpp"

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
