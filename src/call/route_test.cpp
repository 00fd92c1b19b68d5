// SPDX-License-Identifier: Apache-2.0
#include "call/route.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

namespace patchbay::call {
namespace {

Pattern pattern(std::string_view expression) {
    return Pattern::compile(expression).value();
}

RouteTable table() {
    RouteTable::Settings settings;
    settings.users = {"alice", "bob"};
    settings.routes = {
        {.name = "hidden", .callee = pattern("alice"), .destination = Refusal{603, "Decline"}},
        {.name = "blocked", .caller = pattern("anonymous|"), .destination = Refusal{433, {}}},
        {.name = "sales",
         .direction = CallDirection::Incoming,
         .callee = pattern("\\+4930(12|34)"),
         .from_trunks = {"carrier"},
         .destination = ToUser{"bob"}},
        {.name = "extension",
         .callee = pattern("1(\\d\\d)"),
         .rewrite_callee = "u\\1",
         .destination = ToUser{}},
        {.name = "bot", .callee = pattern("bot"), .destination = ToApplication{}},
        {.name = "closed",
         .callee = pattern("private"),
         .anyone = false,
         .destination = ToApplication{"inner"}},
        {.name = "abroad",
         .callee = pattern("00(.*)"),
         .caller = pattern("(\\d*)"),
         .rewrite_callee = "+\\1",
         .rewrite_caller = "4930\\1",
         .destination = ToTrunk{{"cheap", "carrier"}}},
        {.name = "sponsored",
         .callee = pattern("0800\\d+"),
         .anyone = true,
         .destination = ToTrunk{{"carrier"}}},
        {.name = "federated",
         .host = pattern("(.*\\.)?partner\\.example"),
         .destination = ToTrunk{{"partner"}}},
    };
    return RouteTable(std::move(settings));
}

struct Row {
    const char* what;
    RouteQuery query;
    std::optional<RouteChoice> expected;
};

void PrintTo(const Row& row, std::ostream* out) {
    *out << row.what;
}

class RouteTableRow : public testing::TestWithParam<Row> {};

TEST_P(RouteTableRow, LeadsToItsDestination) {
    EXPECT_EQ(table().find(GetParam().query), GetParam().expected);
}

constexpr auto kIn = CallDirection::Incoming;
constexpr auto kOut = CallDirection::Outgoing;

const Row kRows[] = {
    {"a user of ours comes before every row",
     {kIn, "alice", "x"},
     RouteChoice{ToUser{"alice"}, "alice", "x", ""}},
    {"a built-in party answers calls that come in",
     {kIn, "Echo", "x"},
     RouteChoice{BuiltIn::Echo, "Echo", "x", ""}},
    {"a client's call to a built-in party is no matter of the table", {kOut, "echo", "x"}, {}},
    {"a caller without a name meets the row for him",
     {kIn, "bot", ""},
     RouteChoice{Refusal{433, {}}, "bot", "", "blocked"}},
    {"a row may ask by which trunk the call came",
     {kIn, "+493034", "7", "", "carrier"},
     RouteChoice{ToUser{"bob"}, "+493034", "7", "sales"}},
    {"and does not match a call by another", {kIn, "+493034", "7", "", "cheap"}, {}},
    {"a pattern matches the whole text", {kIn, "+4930345", "7", "", "carrier"}, {}},
    {"groups rewrite the callee, and the user is who results",
     {kIn, "142", "x"},
     RouteChoice{ToUser{"u42"}, "u42", "x", "extension"}},
    {"an application is open to everybody",
     {kIn, "bot", "x"},
     RouteChoice{ToApplication{}, "bot", "x", "bot"}},
    {"unless its row says otherwise", {kIn, "private", "x"}, {}},
    {"which lets users of ours pass",
     {kIn, "private", "x", "", "", "alice"},
     RouteChoice{ToApplication{"inner"}, "private", "x", "closed"}},
    {"a stranger may not call at our cost", {kIn, "0049301", "7"}, {}},
    {"a user of ours may",
     {kIn, "0049301", "7", "", "", "alice"},
     RouteChoice{ToTrunk{{"cheap", "carrier"}}, "+49301", "49307", "abroad"}},
    {"a client of the API may",
     {kOut, "0049301", "7"},
     RouteChoice{ToTrunk{{"cheap", "carrier"}}, "+49301", "49307", "abroad"}},
    {"a trunk may",
     {kIn, "0049301", "7", "", "carrier"},
     RouteChoice{ToTrunk{{"cheap", "carrier"}}, "+49301", "49307", "abroad"}},
    {"a stranger may where the row says so",
     {kIn, "0800123", "7"},
     RouteChoice{ToTrunk{{"carrier"}}, "0800123", "7", "sponsored"}},
    {"another's host is routed by a row that names it",
     {kOut, "x", "7", "sip.partner.example"},
     RouteChoice{ToTrunk{{"partner"}}, "x", "7", "federated"}},
    {"and by no other", {kOut, "0049301", "7", "elsewhere.example"}, {}},
    {"a user's name at another's host is not ours", {kOut, "alice", "7", "elsewhere.example"}, {}},
};
INSTANTIATE_TEST_SUITE_P(Rows, RouteTableRow, testing::ValuesIn(kRows));

TEST(RouteTable, AnIncomingCallThatNothingMatchesIsNotFound) {
    EXPECT_EQ(RouteTable().choose({kIn, "nobody", "x"}),
              (RouteChoice{Refusal{404, "Not Found"}, "nobody", "x", ""}));
}

TEST(RouteTable, WhatTheOperatorNamesTakesTheRest) {
    RouteTable::Settings settings;
    settings.otherwise = ToApplication{};
    EXPECT_EQ(RouteTable(settings).choose({kIn, "nobody", "x"}).destination,
              Destination(ToApplication{}));
}

TEST(RouteTable, TheBuiltInPartiesCanBeTurnedOff) {
    RouteTable::Settings settings;
    settings.built_ins = false;
    EXPECT_EQ(RouteTable(settings).find({kIn, "echo", "x"}), std::nullopt);
}

TEST(Pattern, AnExpressionThatIsWrongIsRefusedWithTheReason) {
    EXPECT_THAT(Pattern::compile("(").error(), testing::HasSubstr("missing )"));
    EXPECT_THAT(Pattern::compile("(a").error(), testing::HasSubstr("missing )"));
    EXPECT_FALSE(Pattern::compile("(?=x)"));  // RE2 looks nowhere but ahead
}

TEST(Pattern, AReplacementMayNameOnlyGroupsThatAreThere) {
    EXPECT_TRUE(pattern("(a)(b)").check_replacement("\\2\\1\\0"));
    EXPECT_FALSE(pattern("(a)").check_replacement("\\2"));
    EXPECT_EQ(pattern("(a)(b)").rewrite("ab", "\\2-\\1-\\0"), "b-a-ab");
}

TEST(Pattern, ATextThatWouldTakeOthersForEverCostsNothing) {
    const std::string text(5'000, 'a');
    EXPECT_FALSE(pattern("(a*)*b").matches(text));
}

}  // namespace
}  // namespace patchbay::call
