// SPDX-License-Identifier: Apache-2.0
#include "api/activecall/call_query.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace patchbay::api::activecall {
namespace {

net::HttpRequest request_with(net::NamedValues query) {
    net::HttpRequest request;
    request.query = std::move(query);
    return request;
}

TEST(CallQuery, WithoutParametersTheDefaultsOfTheContractHold) {
    const auto query = parse_call_query(request_with({}));
    ASSERT_TRUE(query);
    EXPECT_EQ(*query, CallQuery{});
    EXPECT_TRUE(query->dump);
    EXPECT_EQ(query->ping_interval, Seconds(20));
    EXPECT_EQ(query->server_track, "serverSideTrack");
}

TEST(CallQuery, EverySpellingOfEveryParameterIsRead) {
    for (const char* name : {"pingInterval", "ping", "ping_interval"}) {
        EXPECT_EQ(parse_call_query(request_with({{name, "7"}}))->ping_interval, Seconds(7)) << name;
    }
    for (const char* name : {"dump", "dump_events"}) {
        EXPECT_FALSE(parse_call_query(request_with({{name, "false"}}))->dump) << name;
    }
    for (const char* name : {"serverSideTrack", "server_side_track"}) {
        EXPECT_EQ(parse_call_query(request_with({{name, "bot"}}))->server_track, "bot") << name;
    }
    EXPECT_EQ(parse_call_query(request_with({{"id", "session 1@h;x"}}))->id->value(),
              "session 1@h;x");
}

TEST(CallQuery, TheContractsSpellingWinsWhereTwoArePresent) {
    EXPECT_EQ(parse_call_query(request_with({{"ping", "3"}, {"pingInterval", "9"}}))->ping_interval,
              Seconds(9));
}

TEST(CallQuery, ZeroTurnsThePingOff) {
    EXPECT_EQ(parse_call_query(request_with({{"pingInterval", "0"}}))->ping_interval, Seconds(0));
}

TEST(CallQuery, AWrongValueIsRefusedWithASentenceThatNamesTheParameter) {
    for (const auto& [name, value] : net::NamedValues{{"dump", "yes"},
                                                      {"dump", ""},
                                                      {"pingInterval", "-1"},
                                                      {"pingInterval", "soon"},
                                                      {"ping", "1.5"},
                                                      {"ping", "86401"},
                                                      {"id", ""},
                                                      {"id", "a\nb"},
                                                      {"id", std::string(257, 'x')},
                                                      {"id", "lists"},
                                                      {"serverSideTrack", ""}}) {
        const auto query = parse_call_query(request_with({{name, value}}));
        ASSERT_FALSE(query) << name << "=" << value;
        EXPECT_THAT(query.error(), testing::HasSubstr(value == "lists" ? value : name));
    }
}

TEST(CallQuery, UnknownParametersAreIgnored) {
    EXPECT_TRUE(parse_call_query(request_with({{"forward", "?"}, {"visited", "a"}, {"x", ""}})));
}

}  // namespace
}  // namespace patchbay::api::activecall
