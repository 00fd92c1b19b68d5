// SPDX-License-Identifier: Apache-2.0
#include "sip/transaction/non_invite_server.hpp"

#include "support/transaction_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::sip::transaction {
namespace {

using enum Action;
using State = NonInviteServer::State;
using testing::ElementsAre;
using testing::Pair;

// RFC 3261 figure 8, row by row, over an unreliable transport. Transport errors as RFC 6026 has
// them.
const Row<NonInviteServer> kFigure[] = {
    {"Trying: the request again is dropped", {}, ReceiveRepeat{}, State::Trying, {}},
    {"Trying: 1xx is sent", {}, SendProvisional{}, State::Proceeding, {Send}},
    {"Trying: 200-699 is sent", {}, SendFinal{}, State::Completed, {Send}},
    {"Proceeding: the request again gets the provisional again",
     {SendProvisional{}},
     ReceiveRepeat{},
     State::Proceeding,
     {Send}},
    {"Proceeding: 1xx is sent", {SendProvisional{}}, SendProvisional{}, State::Proceeding, {Send}},
    {"Proceeding: 200-699 is sent", {SendProvisional{}}, SendFinal{}, State::Completed, {Send}},
    {"Proceeding: a transport error changes nothing",
     {SendProvisional{}},
     TransportError{},
     State::Proceeding,
     {ReportTransportError}},
    {"Completed: the request again gets the response again",
     {SendFinal{}},
     ReceiveRepeat{},
     State::Completed,
     {Send}},
    {"Completed: a second final response is dropped",
     {SendFinal{}},
     SendFinal{},
     State::Completed,
     {}},
    {"Completed: a transport error changes nothing",
     {SendFinal{}},
     TransportError{},
     State::Completed,
     {ReportTransportError}},
    {"Completed: timer J ends it", {SendFinal{}}, Expired{Timer::J}, State::Terminated, {End}},
};

class NonInviteServerFigure : public testing::TestWithParam<Row<NonInviteServer>> {};

TEST_P(NonInviteServerFigure, FollowsTheFigure) {
    Driver<NonInviteServer> driver(false);
    for (const auto& input : GetParam().before) {
        driver.feed(input);
    }
    EXPECT_EQ(driver.feed(GetParam().input), GetParam().actions);
    EXPECT_EQ(driver.state(), GetParam().next);
}
INSTANTIATE_TEST_SUITE_P(Rfc3261Figure8, NonInviteServerFigure, testing::ValuesIn(kFigure));

TEST(NonInviteServer, PassesTheRequestUp) {
    EXPECT_EQ(Driver<NonInviteServer>(false).started(), (Actions{PassUp}));
}

TEST(NonInviteServer, StaysSixtyFourT1ToRepeatItsResponse) {
    Driver<NonInviteServer> driver(false);
    driver.feed(SendFinal{});
    EXPECT_THAT(driver.run_until(Seconds(60)), ElementsAre(Pair(32'000, Actions{End})));
}

TEST(NonInviteServer, EndsWithTheResponseOverAReliableTransport) {
    Driver<NonInviteServer> driver(true);
    EXPECT_EQ(driver.feed(SendFinal{}), (Actions{Send, End}));
}

}  // namespace
}  // namespace patchbay::sip::transaction
