// SPDX-License-Identifier: Apache-2.0
#include "app/webhook/plan.hpp"

#include "app/limits.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patchbay::app {
namespace {

// Plays a plan against what each request meets: a status, or 0 for no response. "0 1 p 0 taken":
// the URLs asked, pauses, and the end.
std::string play(WebhookPlan plan, const std::vector<int>& meets) {
    Instant now;
    std::string story;
    std::size_t request = 0;
    WebhookPlan::Move move = plan.next();
    while (true) {
        if (const auto* ask = std::get_if<WebhookPlan::Ask>(&move)) {
            story += std::to_string(ask->url) + " ";
            const int status = meets.at(request++);
            move = plan.handle(
                now, status == 0 ? Result<int>(fail(Errc::Timeout, "test")) : Result<int>(status));
        } else if (const auto* wait = std::get_if<WebhookPlan::Wait>(&move)) {
            EXPECT_EQ(wait->until, now + kWebhookPause);
            now = wait->until;
            story += "p ";
            move = plan.next();
        } else if (const auto* given_up = std::get_if<WebhookPlan::GivenUp>(&move)) {
            return story + std::to_string(given_up->status);
        } else {
            return story + "taken";
        }
    }
}

TEST(WebhookPlan, AnySuccessIsTaken) {
    EXPECT_EQ(play({1, 0, 3}, {200}), "0 taken");
    EXPECT_EQ(play({1, 0, 3}, {204}), "0 taken");
    EXPECT_EQ(play({1, 0, 3}, {299}), "0 taken");
}

TEST(WebhookPlan, ARefusalIsFinal) {
    EXPECT_EQ(play({2, 0, 3}, {404}), "0 404");
    EXPECT_EQ(play({2, 0, 3}, {302}), "0 302");
    EXPECT_EQ(play({2, 0, 3}, {401}), "0 401");
}

TEST(WebhookPlan, AServerThatFailsIsAskedAgainAfterAPause) {
    EXPECT_EQ(play({1, 0, 3}, {503, 0, 200}), "0 p 0 p 0 taken");
    EXPECT_EQ(play({1, 0, 3}, {429, 408, 500}), "0 p 0 p 0 500");
}

TEST(WebhookPlan, TheNextUrlIsAskedAtOnce) {
    EXPECT_EQ(play({3, 0, 4}, {0, 502, 200}), "0 1 2 taken");
    EXPECT_EQ(play({2, 0, 3}, {0, 0, 0}), "0 1 p 0 0");
}

TEST(WebhookPlan, CallsBeginAtEachUrlInTurn) {
    EXPECT_EQ(play({3, 1, 3}, {500, 500, 200}), "1 2 0 taken");
    EXPECT_EQ(play({3, 5, 1}, {200}), "2 taken");
}

TEST(WebhookPlan, OneAttemptIsMadeAtLeast) {
    EXPECT_EQ(play({1, 0, 0}, {500}), "0 500");
}

TEST(WebhookPlan, WithoutAUrlNobodyIsAsked) {
    EXPECT_EQ(play({0, 0, 3}, {}), "0");
}

}  // namespace
}  // namespace patchbay::app
