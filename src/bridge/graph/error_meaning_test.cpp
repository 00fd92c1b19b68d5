// SPDX-License-Identifier: Apache-2.0
#include "bridge/graph/error_meaning.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace patchbay::bridge::graph {
namespace {

using testing::HasSubstr;

ActionOutcome refused(int http, int code) {
    return Response{
        .status = http, .call_id = {}, .error = GraphError{.code = code}, .retry_after = {}};
}

TEST(GraphErrors, EachCodeStandsOnceWithAStatusOfSipAndWords) {
    std::set<int> codes;
    for (const ErrorMeaning& one : error_meanings()) {
        EXPECT_TRUE(codes.insert(one.code).second) << one.code;
        EXPECT_GE(one.status, 400);
        EXPECT_LT(one.status, 700);
        EXPECT_FALSE(one.words.empty());
    }
}

// The codes that Meta documents for calls.
TEST(GraphErrors, EveryDocumentedCodeHasWords) {
    for (const int code :
         {100,    131030, 131044, 131055, 138000, 138001, 138002, 138003, 138005, 138006, 138007,
          138009, 138012, 138013, 138014, 138018, 138019, 138020, 138021, 138022, 138023}) {
        EXPECT_THAT(trouble_of(GraphError{.code = code}).words,
                    HasSubstr("(" + std::to_string(code) + ")"));
        EXPECT_THAT(trouble_of(GraphError{.code = code}).words,
                    testing::Not(HasSubstr("WhatsApp refuses")))
            << code;
    }
}

TEST(GraphErrors, NoPermissionIs403AndAnExpiredTokenIsTheSidesTrouble) {
    EXPECT_EQ(trouble_of(refused(403, 138006)).status, 403);
    EXPECT_FALSE(trouble_of(refused(403, 138006)).of_side);
    EXPECT_EQ(trouble_of(refused(401, 190)).status, 503);
    EXPECT_TRUE(trouble_of(refused(401, 190)).of_side);
}

TEST(GraphErrors, WhatNobodyKnowsIsSaidInGraphsOwnWords) {
    EXPECT_EQ(
        trouble_of(GraphError{.code = 1, .subcode = 0, .message = "Oops", .details = {}}).words,
        "Oops (1)");
}

TEST(GraphErrors, AConnectIsRepeatedOnlyWhereNothingCanHaveRung) {
    struct Row {
        ActionOutcome outcome;
        bool connect;
        bool terminate;
    };
    const Row rows[] = {
        {fail(Errc::Refused, "Graph"), true, true},  {fail(Errc::NotFound, "Graph"), true, true},
        {fail(Errc::Timeout, "Graph"), false, true}, {fail(Errc::Closed, "Graph"), false, true},
        {Response{.status = 429}, true, true},       {Response{.status = 503}, true, true},
        {Response{.status = 500}, false, true},      {refused(400, 100), false, false},
        {refused(401, 190), false, false},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(is_worth_repeating(ActionKind::Connect, row.outcome), row.connect);
        EXPECT_EQ(is_worth_repeating(ActionKind::Terminate, row.outcome), row.terminate);
    }
}

}  // namespace
}  // namespace patchbay::bridge::graph
