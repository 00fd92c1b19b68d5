// SPDX-License-Identifier: Apache-2.0
// Calls with WhatsApp by Graph API: how they come about and end, whatever webhooks do.
#include "support/graph_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace patchbay::test {
namespace {

using bridge::graph::ActionKind;
using bridge::graph::ActionOutcome;
using bridge::graph::CallStatus;
using bridge::graph::Connect;
using bridge::graph::GraphError;
using bridge::graph::Status;
using bridge::graph::Terminate;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class NobodyAtThePbx : public AUserCalls {
  protected:
    NobodyAtThePbx() : AUserCalls(std::nullopt) {}
};

TEST_F(AUserCalls, ThePbxRingsIsPreAcceptedThenAcceptedAndBothHearEachOther) {
    notice(connect());
    go(Milliseconds(200));
    EXPECT_THAT(kinds(), ElementsAre(ActionKind::PreAccept));
    go(Seconds(1));
    EXPECT_THAT(kinds(), ElementsAre(ActionKind::PreAccept, ActionKind::Accept));
    EXPECT_EQ(asked[0].sdp, asked[1].sdp) << "Meta refuses an accept with another description";
    expect_both_hear();
    EXPECT_THAT(world.ladder(), Contains("> INVITE sip:+551130000000@192.0.2.10 SIP/2.0"));
    pbx_hangs_up();
    EXPECT_EQ(kinds().back(), ActionKind::Terminate);
    expect_nothing_left();
}

TEST_F(NobodyAtThePbx, AndTheUserHearsNothingBeforeItIsAnswered) {
    notice(connect());
    go(Milliseconds(200));
    go(Seconds(3));
    EXPECT_THAT(kinds(), ElementsAre(ActionKind::PreAccept));
    EXPECT_TRUE(user.media().is_connected()) << "the transport is there";
    EXPECT_EQ(user.media().statistics().session.packets_received, 0U);
}

TEST_F(AUserCalls, TheUserHangsUp) {
    notice(connect());
    go(Milliseconds(200));
    expect_both_hear();
    notice(Terminate{.id = kId});
    go(Seconds(1));
    EXPECT_FALSE(world.phone(0).in_call());
    EXPECT_THAT(kinds(), testing::Not(Contains(ActionKind::Terminate)));
    expect_nothing_left();
}

TEST_F(NobodyAtThePbx, TheUserGivesUpWhileItRings) {
    notice(connect());
    go(Milliseconds(300));
    notice(Terminate{.id = kId});
    go(Seconds(1));
    EXPECT_THAT(world.ladder(), Contains(HasSubstr("> CANCEL ")));
    expect_nothing_left();
}

TEST_F(NobodyAtThePbx, NobodyAnswersIsRejectedInTime) {
    notice(connect());
    go(Seconds(1));
    go(Seconds(62));
    EXPECT_THAT(kinds(), ElementsAre(ActionKind::PreAccept, ActionKind::Reject));
    EXPECT_THAT(world.ladder(), Contains(HasSubstr("> CANCEL ")));
    expect_nothing_left();
}

TEST_F(AUserCalls, TheSameWebhookTwiceIsOneCall) {
    notice(connect());
    notice(connect());
    go(Milliseconds(200));
    notice(connect());
    go(Seconds(1));
    EXPECT_EQ(std::ranges::count_if(world.ladder(),
                                    [](const auto& line) { return line.starts_with("> INVITE"); }),
              1);
}

TEST_F(AUserCalls, AnEndThatOvertakesTheBeginningLeavesNothing) {
    notice(Terminate{.id = kId});
    notice(connect());
    go(Seconds(1));
    EXPECT_THAT(asked, IsEmpty());
    expect_nothing_left();
}

TEST_F(AUserCalls, AWebhookThatIsLateIsNoCallAnyMore) {
    Connect late = connect();
    *late.seconds -= 120;
    notice(late);
    go(Seconds(1));
    EXPECT_THAT(world.ladder(), IsEmpty());
    EXPECT_THAT(side.state().last_error.value_or(""), HasSubstr("120 s late"));
}

TEST_F(AUserCalls, AnEndThatComesTwiceOrForNobodyIsNothing) {
    notice(connect());
    go(Seconds(1));
    notice(Terminate{.id = kId});
    notice(Terminate{.id = kId});
    notice(Terminate{.id = "wacid.unknown"});
    expect_nothing_left();
}

TEST_F(AUserCalls, WhatWhatsAppDoesNotLetUsAcceptEndsAtThePbx) {
    refusals[ActionKind::Accept] = bridge::graph::Response{
        .status = 400, .call_id = {}, .error = GraphError{.code = 138021}, .retry_after = {}};
    notice(connect());
    go(Seconds(2));
    EXPECT_FALSE(world.phone(0).in_call());
    EXPECT_EQ(kinds().back(), ActionKind::Terminate);
    expect_nothing_left();
}

TEST_F(ThePbxCalls, TheUserRingsAnswersAndBothHearEachOther) {
    call();
    ASSERT_THAT(kinds(), ElementsAre(ActionKind::Connect));
    EXPECT_EQ(asked[0].to, kUser);
    EXPECT_THAT(asked[0].sdp, HasSubstr("a=setup:actpass"));
    EXPECT_THAT(asked[0].sdp, HasSubstr("opus/48000/2"));
    EXPECT_THAT(asked[0].sdp, HasSubstr("telephone-event/8000"));
    EXPECT_FALSE(rings());
    notice(Status{kId, CallStatus::Ringing, opaque});
    go(Milliseconds(100));
    EXPECT_TRUE(rings());
    notice(answer());
    expect_both_hear();
    notice(Status{kId, CallStatus::Accepted, opaque});
    expect_both_hear();
    pbx_hangs_up();
    EXPECT_THAT(kinds(), ElementsAre(ActionKind::Connect, ActionKind::Terminate));
    expect_nothing_left();
}

TEST_F(ThePbxCalls, WebhooksInTheWrongOrderAndTwiceAreOneAnswer) {
    call();
    const Connect connect = answer();
    notice(Status{kId, CallStatus::Accepted, {}});
    notice(connect);
    notice(connect);
    notice(Status{kId, CallStatus::Ringing, {}});
    expect_both_hear();
    notice(Terminate{.id = kId});
    notice(connect);
    go(Seconds(1));
    EXPECT_FALSE(world.phone(0).in_call());
    expect_nothing_left();
}

TEST_F(ThePbxCalls, WebhooksThatComeBeforeTheAnswerToTheRequestAreOfItsCall) {
    held = ActionKind::Connect;
    call();
    Connect early = answer();
    early.opaque.clear();
    notice(Status{kId, CallStatus::Ringing, opaque});
    go(Milliseconds(100));
    EXPECT_TRUE(rings()) << "by our own mark";
    notice(early);
    tell(held_id, bridge::graph::Response{.status = 200, .call_id = kId});
    settle();
    expect_both_hear();
}

TEST_F(ThePbxCalls, WhatCarriesNoMarkWaitsForTheAnswerToTheRequest) {
    held = ActionKind::Connect;
    call();
    Connect early = answer();
    early.opaque.clear();
    notice(early);
    go(Milliseconds(100));
    EXPECT_EQ(heard_by_phone(), 0);
    tell(held_id, bridge::graph::Response{.status = 200, .call_id = kId});
    settle();
    expect_both_hear();
}

TEST_F(ThePbxCalls, WithoutPermissionItIs403AndTheStatusSaysWhy) {
    refusals[ActionKind::Connect] = bridge::graph::Response{
        .status = 403, .call_id = {}, .error = GraphError{.code = 138006}, .retry_after = {}};
    call();
    EXPECT_EQ(refusal(), 403);
    EXPECT_THAT(side.state().last_error.value_or(""), HasSubstr("not permitted"));
    EXPECT_EQ(side.state().reachable, true);
    expect_nothing_left();
}

TEST_F(ThePbxCalls, AnExpiredTokenIs503UntilTheProbeFindsItRenewed) {
    const ActionOutcome expired = bridge::graph::Response{
        .status = 401, .call_id = {}, .error = GraphError{.code = 190}, .retry_after = {}};
    refusals[ActionKind::Connect] = expired;
    refusals[ActionKind::Probe] = expired;
    side.use(world.now(), {.bridge = "default", .phone_number_id = kPhoneNumberId}, outputs);
    settle();
    call();
    EXPECT_EQ(refusal(), 503);
    EXPECT_THAT(side.state().last_error.value_or(""), HasSubstr("access token"));
    EXPECT_EQ(side.state().reachable, false);
    refusals.clear();
    go(Seconds(10));
    EXPECT_EQ(side.state().reachable, true);
    EXPECT_EQ(side.state().last_error, std::nullopt);
}

TEST_F(ThePbxCalls, TheUserDeclinesIs486AndNoAnswerIs480) {
    call();
    notice(Status{kId, CallStatus::Rejected, opaque});
    go(Milliseconds(200));
    EXPECT_EQ(refusal(), 486);
    notice(Terminate{.id = kId});
    expect_nothing_left();
}

TEST_F(ThePbxCalls, NobodyAnswersIs480) {
    call();
    notice(Status{kId, CallStatus::Ringing, opaque});
    notice(Terminate{.id = kId});
    go(Milliseconds(200));
    EXPECT_EQ(refusal(), 480);
    expect_nothing_left();
}

TEST_F(ThePbxCalls, AndGivesUpWhileItConnectsOrRings) {
    held = ActionKind::Connect;
    call();
    pbx_hangs_up();
    tell(held_id, bridge::graph::Response{.status = 200, .call_id = kId});
    settle();
    EXPECT_THAT(kinds(), ElementsAre(ActionKind::Connect, ActionKind::Terminate));
    held.reset();
    call();
    notice(Status{kId, CallStatus::Ringing, opaque});
    pbx_hangs_up();
    EXPECT_EQ(kinds().back(), ActionKind::Terminate);
    expect_nothing_left();
}

TEST_F(ThePbxCalls, WhatIsOverTheRateIsTriedAgainAndEverythingElseOnce) {
    refusals[ActionKind::Connect] = bridge::graph::Response{.status = 429};
    call();
    go(Seconds(4));
    EXPECT_THAT(kinds(), testing::Each(ActionKind::Connect));
    EXPECT_EQ(asked.size(), 4U);
    EXPECT_EQ(refusal(), 503);
    asked.clear();
    refusals[ActionKind::Connect] = fail(Errc::Timeout, "Graph");
    call();
    go(Seconds(4));
    EXPECT_EQ(asked.size(), 1U) << "it may have rung";
    expect_nothing_left();
}

TEST_F(ThePbxCalls, SilenceOfWhatsAppEndsInTime) {
    held = ActionKind::Connect;
    call();
    go(Seconds(31));
    EXPECT_EQ(refusal(), 408);
    expect_nothing_left();
}

}  // namespace
}  // namespace patchbay::test
