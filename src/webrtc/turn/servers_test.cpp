// SPDX-License-Identifier: Apache-2.0
#include "webrtc/turn/servers.hpp"

#include "support/manual_clock.hpp"
#include "webrtc/limits.hpp"

#include <gtest/gtest.h>

namespace patchbay::webrtc {
namespace {

TurnServer server(std::string host) {
    return {.url = {.host = std::move(host)},
            .username = "user",
            .credential = Secret<std::string>("pass"),
            .secret = std::nullopt};
}

class TurnServersTest : public testing::Test {
  protected:
    test::ManualClock clock;
    TurnServers servers{{server("first"), server("second")}};
};

TEST_F(TurnServersTest, AreTakenInTheirOrder) {
    EXPECT_EQ(servers.next(clock.now(), 0), 0U);
    EXPECT_EQ(servers.next(clock.now(), 1), 1U);
    EXPECT_EQ(servers.next(clock.now(), 2), std::nullopt);
}

TEST_F(TurnServersTest, OneThatFailedIsPassedOverForAWhile) {
    servers.rest(clock.now(), 0);
    EXPECT_EQ(servers.next(clock.now(), 0), 1U);
    clock.advance(limits::kTurnRest);
    EXPECT_EQ(servers.next(clock.now(), 0), 0U);
}

TEST_F(TurnServersTest, OneThatServedAgainRestsNoLonger) {
    servers.rest(clock.now(), 0);
    servers.wake(0);
    EXPECT_EQ(servers.next(clock.now(), 0), 0U);
}

TEST_F(TurnServersTest, WhereAllRestThereIsNone) {
    servers.rest(clock.now(), 0);
    servers.rest(clock.now(), 1);
    EXPECT_EQ(servers.next(clock.now(), 0), std::nullopt);
}

TEST(TurnServerCredentials, AreThoseOfTheConfigurationOrEndByThemselves) {
    TurnServer one = server("host");
    EXPECT_EQ(one.credentials({1'000'000}), (TurnCredentials{"user", "pass"}));
    one.secret = Secret<std::string>("north");
    one.ttl = Seconds(600);
    EXPECT_EQ(one.credentials({1'000'000}).username, "1600:user");
    EXPECT_EQ(one.credentials({1'000'000}),
              make_rest_credentials(Secret<std::string>("north"), "user", {1'600'000}));
}

}  // namespace
}  // namespace patchbay::webrtc
