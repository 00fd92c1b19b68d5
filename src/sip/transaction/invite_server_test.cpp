// SPDX-License-Identifier: Apache-2.0
#include "sip/transaction/invite_server.hpp"

#include "support/transaction_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::sip::transaction {
namespace {

using enum Action;
using State = InviteServer::State;
using testing::ElementsAre;
using testing::Pair;

// RFC 3261 figure 7 and RFC 6026 figure 1, row by row, over an unreliable transport.
const Row<InviteServer> kFigure[] = {
    {"Proceeding: the INVITE again gets the last provisional again",
     {},
     ReceiveRepeat{},
     State::Proceeding,
     {Send}},
    {"Proceeding: 101-199 is sent", {}, SendProvisional{}, State::Proceeding, {Send}},
    {"Proceeding: 2xx is sent once", {}, SendSuccess{}, State::Accepted, {Send}},
    {"Proceeding: 300-699 is sent", {}, SendFailure{}, State::Completed, {Send}},
    {"Proceeding: a transport error changes nothing",
     {},
     TransportError{},
     State::Proceeding,
     {ReportTransportError}},
    {"Completed: the INVITE again gets the response again",
     {SendFailure{}},
     ReceiveRepeat{},
     State::Completed,
     {Send}},
    {"Completed: timer G repeats the response",
     {SendFailure{}},
     Expired{Timer::G},
     State::Completed,
     {Send}},
    {"Completed: timer H gives up waiting for the ACK",
     {SendFailure{}},
     Expired{Timer::H},
     State::Terminated,
     {ReportTimeout, End}},
    {"Completed: a transport error changes nothing",
     {SendFailure{}},
     TransportError{},
     State::Completed,
     {ReportTransportError}},
    {"Completed: ACK confirms", {SendFailure{}}, ReceiveAck{}, State::Confirmed, {}},
    {"Confirmed: ACK again is absorbed",
     {SendFailure{}, ReceiveAck{}},
     ReceiveAck{},
     State::Confirmed,
     {}},
    {"Confirmed: INVITE again is absorbed",
     {SendFailure{}, ReceiveAck{}},
     ReceiveRepeat{},
     State::Confirmed,
     {}},
    {"Confirmed: timer I ends it",
     {SendFailure{}, ReceiveAck{}},
     Expired{Timer::I},
     State::Terminated,
     {End}},
    {"Accepted: INVITE again is absorbed", {SendSuccess{}}, ReceiveRepeat{}, State::Accepted, {}},
    {"Accepted: ACK goes up", {SendSuccess{}}, ReceiveAck{}, State::Accepted, {PassUp}},
    {"Accepted: the user's 2xx is sent again",
     {SendSuccess{}},
     SendSuccess{},
     State::Accepted,
     {Send}},
    {"Accepted: a transport error changes nothing",
     {SendSuccess{}},
     TransportError{},
     State::Accepted,
     {ReportTransportError}},
    {"Accepted: timer L ends it", {SendSuccess{}}, Expired{Timer::L}, State::Terminated, {End}},
};

class InviteServerFigure : public testing::TestWithParam<Row<InviteServer>> {};

TEST_P(InviteServerFigure, FollowsTheFigure) {
    Driver<InviteServer> driver(false);
    for (const auto& input : GetParam().before) {
        driver.feed(input);
    }
    EXPECT_EQ(driver.feed(GetParam().input), GetParam().actions);
    EXPECT_EQ(driver.state(), GetParam().next);
}
INSTANTIATE_TEST_SUITE_P(Rfc3261Figure7, InviteServerFigure, testing::ValuesIn(kFigure));

TEST(InviteServer, PassesTheInviteUpAndWaitsWithoutATimer) {
    Driver<InviteServer> driver(false);
    EXPECT_EQ(driver.started(), (Actions{PassUp}));
    EXPECT_FALSE(driver.has_timer());
}

TEST(InviteServer, RepeatsAFailureAtIntervalsUpToT2UntilTimerH) {
    Driver<InviteServer> driver(false);
    driver.feed(SendFailure{});
    EXPECT_THAT(driver.run_until(Seconds(60)),
                ElementsAre(Pair(500, Actions{Send}), Pair(1'500, Actions{Send}),
                            Pair(3'500, Actions{Send}), Pair(7'500, Actions{Send}),
                            Pair(11'500, Actions{Send}), Pair(15'500, Actions{Send}),
                            Pair(19'500, Actions{Send}), Pair(23'500, Actions{Send}),
                            Pair(27'500, Actions{Send}), Pair(31'500, Actions{Send}),
                            Pair(32'000, Actions{ReportTimeout, End})));
}

TEST(InviteServer, OverAReliableTransportOnlyTimerHRuns) {
    Driver<InviteServer> driver(true);
    driver.feed(SendFailure{});
    EXPECT_THAT(driver.run_until(Seconds(60)),
                ElementsAre(Pair(32'000, Actions{ReportTimeout, End})));
}

TEST(InviteServer, AbsorbsRepeatedAcksForT4) {
    Driver<InviteServer> driver(false);
    driver.feed(SendFailure{});
    EXPECT_EQ(driver.feed(ReceiveAck{}), Actions{});
    EXPECT_THAT(driver.run_until(Seconds(60)), ElementsAre(Pair(5'000, Actions{End})));
}

TEST(InviteServer, EndsWithTheAckOverAReliableTransport) {
    Driver<InviteServer> driver(true);
    driver.feed(SendFailure{});
    EXPECT_EQ(driver.feed(ReceiveAck{}), (Actions{End}));
}

TEST(InviteServer, DoesNotRepeat2xxAndAbsorbsTheInviteForSixtyFourT1) {
    for (const bool reliable : {false, true}) {
        Driver<InviteServer> driver(reliable);
        driver.feed(SendSuccess{});
        EXPECT_THAT(driver.run_until(Seconds(60)), ElementsAre(Pair(32'000, Actions{End})));
    }
}

}  // namespace
}  // namespace patchbay::sip::transaction
