// SPDX-License-Identifier: Apache-2.0
#include "sip/caller_progress.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <vector>

namespace patchbay::sip {
namespace {

using P = CallerProgress;
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

const P::Provisional kTrying{.trying = true};
const P::Provisional kRinging{};

const Row kRows[] = {
    {"100 is no progress of the callee", {}, kTrying, S::Proceeding, A::None},
    {"180 is", {}, kRinging, S::Proceeding, A::ReportProgress},
    {"each further provisional is reported",
     {kRinging},
     kRinging,
     S::Proceeding,
     A::ReportProgress},
    {"2xx without any provisional establishes",
     {},
     P::Success{},
     S::Established,
     A::ReportAnswered},
    {"2xx establishes", {kRinging}, P::Success{}, S::Established, A::ReportAnswered},
    {"a failure rejects", {kRinging}, P::Failure{}, S::Ended, A::ReportRejected},
    {"silence rejects", {}, P::GaveUp{}, S::Ended, A::ReportRejected},
    {"credentials start anew, so that a CANCEL waits again",
     {kTrying},
     P::Retry{},
     S::Calling,
     A::None},
    {"9.1: no CANCEL before a provisional", {}, P::Hangup{}, S::CancelPending, A::None},
    {"9.1: it leaves with the first provisional",
     {P::Hangup{}},
     kTrying,
     S::Canceling,
     A::SendCancel},
    {"hangup while ringing cancels", {kRinging}, P::Hangup{}, S::Canceling, A::SendCancel},
    {"a second provisional sends no second CANCEL",
     {kRinging, P::Hangup{}},
     kRinging,
     S::Canceling,
     A::None},
    {"a 2xx that crossed the CANCEL is hung up",
     {kRinging, P::Hangup{}},
     P::Success{},
     S::Ended,
     A::SendBye},
    {"a 2xx before the CANCEL could leave is hung up",
     {P::Hangup{}},
     P::Success{},
     S::Ended,
     A::SendBye},
    {"487 ends what was canceled", {kRinging, P::Hangup{}}, P::Failure{}, S::Ended, A::None},
    {"silence after a CANCEL ends it", {kRinging, P::Hangup{}}, P::GaveUp{}, S::Ended, A::None},
    {"silence before a CANCEL ends it", {P::Hangup{}}, P::GaveUp{}, S::Ended, A::None},
    {"hangup of a call says BYE", {P::Success{}}, P::Hangup{}, S::Ended, A::SendBye},
    {"BYE of a call is reported", {P::Success{}}, P::PeerBye{}, S::Ended, A::ReportRemoteEnd},
    {"15: a callee cannot end an early dialog by BYE",
     {kRinging},
     P::PeerBye{},
     S::Proceeding,
     A::None},
    {"hanging up twice says BYE once", {P::Success{}, P::Hangup{}}, P::Hangup{}, S::Ended, A::None},
};

class CallerProgressTable : public testing::TestWithParam<Row> {};

TEST_P(CallerProgressTable, IsFollowed) {
    CallerProgress progress;
    for (const auto& input : GetParam().before) {
        progress.handle(input);
    }
    EXPECT_EQ(progress.handle(GetParam().input), GetParam().action);
    EXPECT_EQ(to_string(progress.state()), to_string(GetParam().next));
}
INSTANTIATE_TEST_SUITE_P(CallerProgress, CallerProgressTable, testing::ValuesIn(kRows));

}  // namespace
}  // namespace patchbay::sip
