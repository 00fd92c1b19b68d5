// SPDX-License-Identifier: Apache-2.0
#include "sip/transaction/non_invite_client.hpp"

#include "support/transaction_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::sip::transaction {
namespace {

using enum Action;
using State = NonInviteClient::State;
using testing::ElementsAre;
using testing::Pair;

// RFC 3261 figure 6, row by row, over an unreliable transport.
const Row<NonInviteClient> kFigure[] = {
    {"Trying: timer E repeats the request", {}, Expired{Timer::E}, State::Trying, {Send}},
    {"Trying: timer F ends it", {}, Expired{Timer::F}, State::Terminated, {ReportTimeout, End}},
    {"Trying: a transport error ends it",
     {},
     TransportError{},
     State::Terminated,
     {ReportTransportError, End}},
    {"Trying: 1xx goes up", {}, ReceiveProvisional{}, State::Proceeding, {PassUp}},
    {"Trying: 200-699 goes up", {}, ReceiveFinal{}, State::Completed, {PassUp}},
    {"Proceeding: timer E repeats the request",
     {ReceiveProvisional{}},
     Expired{Timer::E},
     State::Proceeding,
     {Send}},
    {"Proceeding: timer F ends it",
     {ReceiveProvisional{}},
     Expired{Timer::F},
     State::Terminated,
     {ReportTimeout, End}},
    {"Proceeding: a transport error ends it",
     {ReceiveProvisional{}},
     TransportError{},
     State::Terminated,
     {ReportTransportError, End}},
    {"Proceeding: 1xx goes up",
     {ReceiveProvisional{}},
     ReceiveProvisional{},
     State::Proceeding,
     {PassUp}},
    {"Proceeding: 200-699 goes up",
     {ReceiveProvisional{}},
     ReceiveFinal{},
     State::Completed,
     {PassUp}},
    {"Completed: the response again is absorbed",
     {ReceiveFinal{}},
     ReceiveFinal{},
     State::Completed,
     {}},
    {"Completed: timer K ends it", {ReceiveFinal{}}, Expired{Timer::K}, State::Terminated, {End}},
};

class NonInviteClientFigure : public testing::TestWithParam<Row<NonInviteClient>> {};

TEST_P(NonInviteClientFigure, FollowsTheFigure) {
    Driver<NonInviteClient> driver(false);
    for (const auto& input : GetParam().before) {
        driver.feed(input);
    }
    EXPECT_EQ(driver.feed(GetParam().input), GetParam().actions);
    EXPECT_EQ(driver.state(), GetParam().next);
}
INSTANTIATE_TEST_SUITE_P(Rfc3261Figure6, NonInviteClientFigure, testing::ValuesIn(kFigure));

TEST(NonInviteClient, SendsTheRequestAtOnce) {
    EXPECT_EQ(Driver<NonInviteClient>(false).started(), (Actions{Send}));
}

TEST(NonInviteClient, RepeatsAtDoublingIntervalsUpToT2) {
    Driver<NonInviteClient> driver(false);
    EXPECT_THAT(driver.run_until(Seconds(60)),
                ElementsAre(Pair(500, Actions{Send}), Pair(1'500, Actions{Send}),
                            Pair(3'500, Actions{Send}), Pair(7'500, Actions{Send}),
                            Pair(11'500, Actions{Send}), Pair(15'500, Actions{Send}),
                            Pair(19'500, Actions{Send}), Pair(23'500, Actions{Send}),
                            Pair(27'500, Actions{Send}), Pair(31'500, Actions{Send}),
                            Pair(32'000, Actions{ReportTimeout, End})));
}

TEST(NonInviteClient, AfterAProvisionalRepeatsEveryT2) {
    Driver<NonInviteClient> driver(false);
    driver.feed(ReceiveProvisional{});
    const Schedule schedule = driver.run_until(Seconds(10));
    EXPECT_THAT(schedule, ElementsAre(Pair(500, Actions{Send}), Pair(4'500, Actions{Send}),
                                      Pair(8'500, Actions{Send})));
}

TEST(NonInviteClient, NeverRepeatsOverAReliableTransport) {
    Driver<NonInviteClient> driver(true);
    EXPECT_THAT(driver.run_until(Seconds(60)),
                ElementsAre(Pair(32'000, Actions{ReportTimeout, End})));
}

TEST(NonInviteClient, AbsorbsRepeatedResponsesForT4) {
    Driver<NonInviteClient> driver(false);
    driver.feed(ReceiveFinal{});
    EXPECT_THAT(driver.run_until(Seconds(60)), ElementsAre(Pair(5'000, Actions{End})));
}

TEST(NonInviteClient, EndsWithTheResponseOverAReliableTransport) {
    Driver<NonInviteClient> driver(true);
    EXPECT_EQ(driver.feed(ReceiveFinal{}), (Actions{PassUp, End}));
}

}  // namespace
}  // namespace patchbay::sip::transaction
