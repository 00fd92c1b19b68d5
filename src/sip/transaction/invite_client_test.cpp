// SPDX-License-Identifier: Apache-2.0
#include "sip/transaction/invite_client.hpp"

#include "support/transaction_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::sip::transaction {
namespace {

using enum Action;
using State = InviteClient::State;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

// RFC 3261 figure 5 and RFC 6026 figure 3, row by row, over an unreliable transport.
const Row<InviteClient> kFigure[] = {
    {"Calling: timer A repeats the request", {}, Expired{Timer::A}, State::Calling, {Send}},
    {"Calling: timer B ends it", {}, Expired{Timer::B}, State::Terminated, {ReportTimeout, End}},
    {"Calling: a transport error ends it",
     {},
     TransportError{},
     State::Terminated,
     {ReportTransportError, End}},
    {"Calling: 1xx goes up", {}, ReceiveProvisional{}, State::Proceeding, {PassUp}},
    {"Calling: 2xx goes up", {}, ReceiveSuccess{}, State::Accepted, {PassUp}},
    {"Calling: 300-699 is ACKed", {}, ReceiveFailure{}, State::Completed, {SendAck, PassUp}},
    {"Proceeding: 1xx goes up",
     {ReceiveProvisional{}},
     ReceiveProvisional{},
     State::Proceeding,
     {PassUp}},
    {"Proceeding: 2xx goes up",
     {ReceiveProvisional{}},
     ReceiveSuccess{},
     State::Accepted,
     {PassUp}},
    {"Proceeding: 300-699 is ACKed",
     {ReceiveProvisional{}},
     ReceiveFailure{},
     State::Completed,
     {SendAck, PassUp}},
    {"Completed: 300-699 again is ACKed again, and not passed up again",
     {ReceiveFailure{}},
     ReceiveFailure{},
     State::Completed,
     {SendAck}},
    {"Completed: a transport error ends it",
     {ReceiveFailure{}},
     TransportError{},
     State::Terminated,
     {ReportTransportError, End}},
    {"Completed: timer D ends it", {ReceiveFailure{}}, Expired{Timer::D}, State::Terminated, {End}},
    {"Accepted: each 2xx goes up", {ReceiveSuccess{}}, ReceiveSuccess{}, State::Accepted, {PassUp}},
    {"Accepted: a late 1xx is dropped",
     {ReceiveSuccess{}},
     ReceiveProvisional{},
     State::Accepted,
     {}},
    {"Accepted: 300-699 is dropped", {ReceiveSuccess{}}, ReceiveFailure{}, State::Accepted, {}},
    {"Accepted: timer M ends it", {ReceiveSuccess{}}, Expired{Timer::M}, State::Terminated, {End}},
};

class InviteClientFigure : public testing::TestWithParam<Row<InviteClient>> {};

TEST_P(InviteClientFigure, FollowsTheFigure) {
    Driver<InviteClient> driver(false);
    for (const auto& input : GetParam().before) {
        driver.feed(input);
    }
    EXPECT_EQ(driver.feed(GetParam().input), GetParam().actions);
    EXPECT_EQ(driver.state(), GetParam().next);
}
INSTANTIATE_TEST_SUITE_P(Rfc3261Figure5, InviteClientFigure, testing::ValuesIn(kFigure));

TEST(InviteClient, SendsTheRequestAtOnce) {
    EXPECT_EQ(Driver<InviteClient>(false).started(), (Actions{Send}));
}

TEST(InviteClient, RepeatsAtDoublingIntervalsForSixtyFourT1) {
    Driver<InviteClient> driver(false);
    EXPECT_THAT(driver.run_until(Seconds(60)),
                ElementsAre(Pair(500, Actions{Send}), Pair(1'500, Actions{Send}),
                            Pair(3'500, Actions{Send}), Pair(7'500, Actions{Send}),
                            Pair(15'500, Actions{Send}), Pair(31'500, Actions{Send}),
                            Pair(32'000, Actions{ReportTimeout, End})));
}

TEST(InviteClient, NeverRepeatsOverAReliableTransport) {
    Driver<InviteClient> driver(true);
    EXPECT_THAT(driver.run_until(Seconds(60)),
                ElementsAre(Pair(32'000, Actions{ReportTimeout, End})));
}

TEST(InviteClient, AProvisionalStopsAllTimersSoThatRingingMayLast) {
    Driver<InviteClient> driver(false);
    driver.feed(ReceiveProvisional{});
    EXPECT_FALSE(driver.has_timer());
    EXPECT_THAT(driver.run_until(Seconds(600)), IsEmpty());
}

TEST(InviteClient, StaysThirtyTwoSecondsToAckRepeatedFailures) {
    Driver<InviteClient> driver(false);
    driver.feed(ReceiveFailure{});
    EXPECT_THAT(driver.run_until(Seconds(60)), ElementsAre(Pair(32'000, Actions{End})));
}

TEST(InviteClient, EndsAtOnceAfterAFailureOverAReliableTransport) {
    Driver<InviteClient> driver(true);
    EXPECT_EQ(driver.feed(ReceiveFailure{}), (Actions{SendAck, PassUp, End}));
    EXPECT_EQ(driver.state(), State::Terminated);
}

TEST(InviteClient, StaysSixtyFourT1ForFurther2xxOnAnyTransport) {
    for (const bool reliable : {false, true}) {
        Driver<InviteClient> driver(reliable);
        driver.feed(ReceiveSuccess{});
        EXPECT_THAT(driver.run_until(Seconds(60)), ElementsAre(Pair(32'000, Actions{End})));
    }
}

}  // namespace
}  // namespace patchbay::sip::transaction
