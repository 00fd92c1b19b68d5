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

TEST(BridgePlan, WithoutAWhatsAppSideTheAnswerIs503) {
    const Plan plan = plan_of({{"default", settings("")}});
    const call::RouteChoice choice = choose(plan, "+5511987654321", "bridge/default/pbx");
    ASSERT_TRUE(std::holds_alternative<call::Refusal>(choice.destination));
    EXPECT_EQ(std::get<call::Refusal>(choice.destination).status, 503);
}

TEST(BridgePlan, APageIsATrunkWithinTheProcessAndAnAccountOfItsOwn) {
    Settings with = settings("page");
    with.chrome_remote_url = "ws://10.1.0.7:9223";
    with.node_remote_helper = "http://10.1.0.7:3000/";
    with.wasm_server_ip = "10.0.0.5";
    const Plan plan = plan_of({{"default", with}});
    ASSERT_EQ(plan.page_accounts.size(), 1U);
    EXPECT_EQ(plan.page_accounts[0].helper_url, "http://10.1.0.7:3000");
    EXPECT_EQ(plan.page_accounts[0].address, IpAddress::v4(10, 0, 0, 5));
    EXPECT_EQ(plan.page_accounts[0].port, 9080);
    const call::RouteChoice choice = choose(plan, "+5511987654321", "bridge/default/pbx");
    EXPECT_TRUE(std::holds_alternative<call::ToTrunk>(choice.destination));
    EXPECT_EQ(plan.side_doors.size(), 1U);
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
    EXPECT_TRUE(trunk.one_description);
    EXPECT_THAT(trunk.codecs, ElementsAre("opus"));
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

TEST(BridgePlan, BrowsersBehindAPbxAreCalledByIceAndDtls) {
    Settings with = graph();
    EXPECT_FALSE(plan_of({{"default", with}}).trunks.at(0).dtls);
    with.sip_web_rtc = true;
    EXPECT_TRUE(plan_of({{"default", with}}).trunks.at(0).dtls);
}

TEST(BridgePlan, WithoutAPbxAWhatsAppCallWaitsForAClient) {
    Settings with = graph();
    with.sip_server.clear();
    const Plan plan = plan_of({{"default", with}});
    const auto destination = choose(plan, "+551130000000", "bridge/default/whatsapp").destination;
    ASSERT_TRUE(std::holds_alternative<call::ToApplication>(destination));
    EXPECT_TRUE(is_of_bridge(std::get<call::ToApplication>(destination).handler));
}

Settings meta_settings(std::string srtp = "SDES") {
    Settings out = settings("meta-sip");
    out.meta = {.phone_number = "+1 555 000 1111",
                .sip_domain = "pbx.example.com",
                .sip_password = Secret<std::string>("made by Meta"),
                .sip_server = {},
                .sources = {},
                .srtp = std::move(srtp)};
    return out;
}

TEST(BridgePlan, MetaIsATrunkThatKeepsItsRules) {
    const Plan plan = plan_of({{"default", meta_settings()}});
    ASSERT_THAT(plan.trunks, SizeIs(2));
    const call::Trunk& meta = plan.trunks[1];
    EXPECT_EQ(meta.name, "bridge/default/whatsapp");
    EXPECT_THAT(meta.addresses,
                ElementsAre(call::TrunkAddress{"wa.meta.vc", 5061, sip::Transport::Tls}));
    EXPECT_EQ(meta.from_user, "+15550001111");
    EXPECT_EQ(meta.from_domain, "pbx.example.com");
    ASSERT_TRUE(meta.credentials);
    EXPECT_EQ(meta.credentials->username, "15550001111");
    EXPECT_THAT(meta.codecs, ElementsAre("opus"));
    ASSERT_TRUE(meta.telephone_event);
    EXPECT_EQ(meta.telephone_event->payload_type, 126);
    EXPECT_EQ(meta.telephone_event->clock_rate, 8000U);
    EXPECT_TRUE(meta.one_description);
    EXPECT_EQ(meta.crypto, sdp::CryptoPolicy::Mandatory);
    EXPECT_FALSE(meta.dtls);
    EXPECT_FALSE(meta.assert_identity);
}

TEST(BridgePlan, WithoutSdesMediaIsThatOfDtls) {
    for (const char* srtp : {"", "DTLS"}) {
        const Plan plan = plan_of({{"default", meta_settings(srtp)}});
        EXPECT_TRUE(plan.trunks.at(1).dtls);
        EXPECT_EQ(plan.trunks.at(1).crypto, sdp::CryptoPolicy::Off);
    }
}

TEST(BridgePlan, ANumberFromThePbxIsCalledAtMetaWithItsPlus) {
    const Plan plan = plan_of({{"default", meta_settings()}});
    for (const char* number : {"5511987654321", "+5511987654321"}) {
        const call::RouteChoice choice = choose(plan, number, "bridge/default/pbx");
        EXPECT_EQ(choice.destination,
                  call::Destination(call::ToTrunk{{"bridge/default/whatsapp"}}));
        EXPECT_EQ(choice.callee, "+5511987654321");
        EXPECT_EQ(choice.route, "bridge/default/to-whatsapp");
    }
}

TEST(BridgePlan, WhatMetaBringsRingsAtThePbx) {
    const Plan plan = plan_of({{"default", meta_settings()}});
    const call::RouteChoice choice =
        choose(plan, "+15550001111;tgrp=sales", "bridge/default/whatsapp");
    EXPECT_EQ(choice.destination, call::Destination(call::ToTrunk{{"bridge/default/pbx"}}));
    EXPECT_EQ(choice.callee, "+15550001111");
    EXPECT_EQ(choice.route, "bridge/default/to-pbx");
}

TEST(BridgePlan, MetaCallsFromItsOwnNetworksUnlessOthersAreNamed) {
    Settings with = meta_settings();
    ASSERT_THAT(plan_of({{"default", with}}).entrances, SizeIs(1));
    const MetaEntrance entrance = plan_of({{"default", with}}).entrances[0];
    EXPECT_EQ(entrance.number, "15550001111");
    EXPECT_TRUE(contains(entrance.sources, *IpAddress::parse("157.240.19.53")));
    EXPECT_TRUE(contains(entrance.sources, *IpAddress::parse("2a03:2880::1")));
    EXPECT_FALSE(contains(entrance.sources, *IpAddress::parse("127.0.0.1")));
    with.meta.sources = {"127.0.0.1"};
    const MetaEntrance local = plan_of({{"default", with}}).entrances[0];
    EXPECT_TRUE(contains(local.sources, *IpAddress::parse("127.0.0.1")));
    EXPECT_FALSE(contains(local.sources, *IpAddress::parse("157.240.19.53")));
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
