// SPDX-License-Identifier: Apache-2.0
#include "call/dial_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patchbay::call {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class DialPlanTest : public testing::Test {
  protected:
    DialPlanTest() {
        RouteTable::Settings table;
        table.users = {"alice", "bob"};
        table.routes = {{.name = "abroad",
                         .callee = Pattern::compile("00(.*)").value(),
                         .rewrite_callee = "+\\1",
                         .rewrite_caller = "4930",
                         .destination = ToTrunk{{"cheap", "carrier"}}},
                        {.name = "no",
                         .callee = Pattern::compile("110").value(),
                         .destination = Refusal{486, "Busy"}},
                        {.name = "partner",
                         .host = Pattern::compile("partner\\.example").value(),
                         .destination = ToTrunk{{"cheap"}}}};
        config_.routes = std::make_shared<const RouteTable>(std::move(table));
        config_.services.gate.hosts = {"example.com", "192.0.2.1"};
        config_.services.gate.trunks = std::make_shared<const Trunks>(
            Trunks{{.name = "carrier",
                    .addresses = {{"203.0.113.20", 0, sip::Transport::Udp},
                                  {"2001:db8::1", 5071, sip::Transport::Tcp}}},
                   {.name = "cheap", .addresses = {{"cheap.example", 0, sip::Transport::Udp}}}});
        config_.services.denied_prefixes = {"+882", "0900"};
        config_.listeners = {{sip::Transport::Udp, *SocketAddress::parse("192.0.2.1:5060")}};
        config_.services.locations = &locations_;
        sip::Binding desk;
        desk.contact = *sip::Uri::parse("sip:alice@192.0.2.9:5062");
        desk.flow.remote = *SocketAddress::parse("192.0.2.9:5062");
        desk.expires_at = now_ + Seconds(60);
        sip::Binding browser = desk;
        browser.contact = *sip::Uri::parse("sip:x@y.invalid;transport=ws");
        browser.flow.connection = 7;
        browser.path = {*sip::NameAddr::parse("<sip:edge;lr>")};
        EXPECT_TRUE(locations_.update("alice", now_, [&](const sip::Bindings&) {
            return Result<sip::Bindings>(sip::Bindings{desk, browser});
        }));
    }

    DialDecision dial(std::string_view callee, std::string_view caller = "") {
        return plan_dialling(now_, callee, caller, config_, services()).value();
    }
    Services& services() {
        if (!services_) {
            services_.emplace(config_.services, config_.listeners, random_);
        }
        return *services_;
    }
    static std::vector<std::string> targets(const DialDecision& decision) {
        std::vector<std::string> out;
        for (const DialWay& way : std::get<DialPlan>(decision).ways) {
            out.push_back(way.target.to_string());
        }
        return out;
    }
    static int status(const DialDecision& decision) {
        const auto* refusal = std::get_if<Refusal>(&decision);
        return refusal == nullptr ? 0 : refusal->status;
    }

    Instant now_{Seconds(1'000)};
    SeededRandom random_{1};
    sip::Locations locations_;
    ExchangeConfig config_;
    std::optional<Services> services_;
};

TEST_F(DialPlanTest, AUserOfOursRingsWhereverHeIsRegistered) {
    const DialDecision decision = dial("sip:alice@example.com");
    EXPECT_THAT(targets(decision),
                ElementsAre("sip:alice@192.0.2.9:5062", "sip:x@y.invalid;transport=ws"));
    const auto& plan = std::get<DialPlan>(decision);
    EXPECT_TRUE(plan.at_once);
    EXPECT_EQ(plan.ways[0].to.to_string(), "sip:alice@example.com");
    EXPECT_EQ(plan.ways[1].flow->connection, 7U);
    EXPECT_THAT(plan.ways[1].routes, SizeIs(1));
}

TEST_F(DialPlanTest, OurHostMayBeWrittenAsAnAddressWithOurPort) {
    EXPECT_THAT(targets(dial("alice@192.0.2.1:5060")), SizeIs(2));
    EXPECT_THAT(targets(dial("alice@192.0.2.1:5999")), ElementsAre("sip:alice@192.0.2.1:5999"));
    EXPECT_THAT(targets(dial("sip:alice@elsewhere.example")),
                ElementsAre("sip:alice@elsewhere.example"));
}

TEST_F(DialPlanTest, AUserWhoIsNotRegisteredIsTemporarilyUnavailable) {
    EXPECT_EQ(status(dial("sip:bob@example.com")), 480);
}

TEST_F(DialPlanTest, ANumberGoesByItsTrunksOneAfterTheOther) {
    const DialDecision decision = dial("00 (49) 30-1234", "sip:bot@example.com");
    EXPECT_THAT(targets(decision),
                ElementsAre("sip:+49301234@cheap.example", "sip:+49301234@203.0.113.20",
                            "sip:+49301234@[2001:db8::1]:5071;transport=tcp"));
    const auto& plan = std::get<DialPlan>(decision);
    EXPECT_FALSE(plan.at_once);
    EXPECT_EQ(plan.caller, "4930");
    EXPECT_EQ(plan.ways[1].trunk->name, "carrier");
}

TEST_F(DialPlanTest, ATelUriIsANumber) {
    EXPECT_THAT(targets(dial("tel:0049301;phone-context=x")), SizeIs(3));
}

// RFC 4904
TEST_F(DialPlanTest, ATelUriMayNameItsTrunk) {
    EXPECT_THAT(targets(dial("tel:+4930123;tgrp=cheap")),
                ElementsAre("sip:+4930123@cheap.example"));
    EXPECT_EQ(status(dial("tel:+4930123;tgrp=nobody")), 404);
    EXPECT_EQ(status(dial("tel:+88212;tgrp=cheap")), 403) << "denied all the same";
}

TEST_F(DialPlanTest, ANeighbourInThisProcessIsReachedByItsFlow) {
    Trunks trunks = *config_.services.gate.trunks;
    trunks.push_back({.name = "inside",
                      .flow = sip::Flow{.transport = sip::Transport::Ws,
                                        .remote = *SocketAddress::parse("[100::1]:5060"),
                                        .connection = 9}});
    config_.services.gate.trunks = std::make_shared<const Trunks>(std::move(trunks));
    const DialDecision decision = dial("tel:+4930123;tgrp=inside");
    const auto& ways = std::get<DialPlan>(decision).ways;
    ASSERT_THAT(ways, SizeIs(1));
    EXPECT_EQ(ways[0].target.to_string(), "sip:+4930123@[100::1]:5060;transport=ws");
    ASSERT_TRUE(ways[0].flow);
    EXPECT_EQ(ways[0].flow->connection, 9U);
    EXPECT_TRUE(ways[0].is_web_rtc());
}

TEST_F(DialPlanTest, ANumberWithoutARouteIsNotFound) {
    EXPECT_EQ(status(dial("123")), 404);
}

TEST_F(DialPlanTest, ARowMayRefuse) {
    EXPECT_EQ(status(dial("110")), 486);
}

TEST_F(DialPlanTest, AHostMayHaveItsTrunk) {
    EXPECT_THAT(targets(dial("sip:x@Partner.example")), ElementsAre("sip:x@cheap.example"));
}

TEST_F(DialPlanTest, ADeniedNumberIsRefusedHoweverItIsWritten) {
    EXPECT_EQ(status(dial("00882 5")), 403);
    EXPECT_EQ(status(dial("tel:00-882-5")), 403);
    EXPECT_EQ(status(dial("sip:0900123@somewhere.example")), 403);
    EXPECT_EQ(status(dial("sip:+8825@somewhere.example")), 403);
    EXPECT_EQ(status(dial("sip:09x@somewhere.example")), 0);
    EXPECT_EQ(services().gate().counts().denied_numbers, 4U);
}

TEST_F(DialPlanTest, WhatIsNoUriIsMalformed) {
    EXPECT_EQ(plan_dialling(now_, "mailto:x@h", "", config_, services()).error().code,
              Errc::Malformed);
}

}  // namespace
}  // namespace patchbay::call
