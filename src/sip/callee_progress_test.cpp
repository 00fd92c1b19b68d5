// SPDX-License-Identifier: Apache-2.0
#include "sip/callee_progress.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <vector>

namespace patchbay::sip {
namespace {

using P = CalleeProgress;
using S = P::State;
using A = P::Action;

struct Row {
    const char* name;
    std::vector<P::Input> before;
    P::Input input;
    S next;
    A action;
};

void PrintTo(const Row& row, std::ostream* out) {
    *out << row.name;
}

const Row kRows[] = {
    {"ringing may repeat", {P::Ring{}}, P::Ring{}, S::Incoming, A::SendProvisional},
    {"an answer needs no ringing", {}, P::Answer{}, S::Answered, A::SendSuccess},
    {"a rejection ends it", {P::Ring{}}, P::Reject{}, S::Ended, A::SendFailure},
    {"hangup before the answer is a rejection", {}, P::Hangup{}, S::Ended, A::SendFailure},
    {"9.2: CANCEL before the answer", {P::Ring{}}, P::PeerCancel{}, S::Ended, A::Terminate},
    {"15.1.2: BYE before the answer", {}, P::PeerBye{}, S::Ended, A::Terminate},
    {"9.2: CANCEL after the answer is too late",
     {P::Answer{}},
     P::PeerCancel{},
     S::Answered,
     A::None},
    {"no second answer", {P::Answer{}}, P::Answer{}, S::Answered, A::None},
    {"no ringing after the answer", {P::Answer{}}, P::Ring{}, S::Answered, A::None},
    {"ACK confirms", {P::Answer{}}, P::Ack{}, S::Confirmed, A::ReportConfirmed},
    {"13.3.1.4: without ACK the call is given up", {P::Answer{}}, P::NoAck{}, S::Ended, A::GiveUp},
    {"15: BYE must wait for the ACK", {P::Answer{}}, P::Hangup{}, S::Leaving, A::None},
    {"and leaves with it", {P::Answer{}, P::Hangup{}}, P::Ack{}, S::Ended, A::SendBye},
    {"or when none came", {P::Answer{}, P::Hangup{}}, P::NoAck{}, S::Ended, A::SendBye},
    {"or never, if the caller was faster",
     {P::Answer{}, P::Hangup{}},
     P::PeerBye{},
     S::Ended,
     A::ReportRemoteEnd},
    {"BYE may overtake the ACK", {P::Answer{}}, P::PeerBye{}, S::Ended, A::ReportRemoteEnd},
    {"hangup of a call says BYE", {P::Answer{}, P::Ack{}}, P::Hangup{}, S::Ended, A::SendBye},
    {"BYE of a call is reported",
     {P::Answer{}, P::Ack{}},
     P::PeerBye{},
     S::Ended,
     A::ReportRemoteEnd},
    {"what has ended stays so", {P::Reject{}}, P::Answer{}, S::Ended, A::None},
};

class CalleeProgressTable : public testing::TestWithParam<Row> {};

TEST_P(CalleeProgressTable, IsFollowed) {
    CalleeProgress progress;
    for (const auto& input : GetParam().before) {
        progress.handle(input);
    }
    EXPECT_EQ(progress.handle(GetParam().input), GetParam().action);
    EXPECT_EQ(to_string(progress.state()), to_string(GetParam().next));
}
INSTANTIATE_TEST_SUITE_P(CalleeProgress, CalleeProgressTable, testing::ValuesIn(kRows));

}  // namespace
}  // namespace patchbay::sip
