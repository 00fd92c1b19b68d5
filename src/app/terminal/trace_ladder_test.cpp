// SPDX-License-Identifier: Apache-2.0
#include "app/terminal/trace_ladder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::app {
namespace {

using testing::HasSubstr;
using testing::Not;

api::CallTrace trace() {
    return {
        .id = "s1",
        .call_id = "c1",
        .messages = {{.timestamp = WallTime{1000},
                      .sent = true,
                      .transport = "UDP",
                      .local = "127.0.0.1:5060",
                      .remote = "127.0.0.1:5070",
                      .text = "INVITE sip:a@b SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n"},
                     {.timestamp = WallTime{1012},
                      .sent = false,
                      .transport = "UDP",
                      .local = "127.0.0.1:5060",
                      .remote = "127.0.0.1:5070",
                      .text = "SIP/2.0 180 Ringing\r\nCSeq: 1 INVITE\r\nSubject: \x1b[2J\r\n\r\n"}},
        .truncated = false};
}

TEST(TraceLadder, EachMessageIsALineWithTimeDirectionAndMeaningThenInFull) {
    const std::string text = render_ladder(trace());
    EXPECT_THAT(text, HasSubstr("call s1, Call-ID c1, 2 messages\n"));
    EXPECT_THAT(text, HasSubstr("       0 ms  ->  127.0.0.1:5070  UDP  INVITE sip:a@b\n"));
    EXPECT_THAT(text, HasSubstr("      12 ms  <-  127.0.0.1:5070  UDP  180 Ring"));
    EXPECT_THAT(text, HasSubstr("(INVITE)\n"));
    EXPECT_THAT(text, HasSubstr("\nCSeq: 1 INVITE\n"));
}

TEST(TraceLadder, AMessageCannotCommandTheTerminal) {
    EXPECT_THAT(render_ladder(trace()), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace patchbay::app
