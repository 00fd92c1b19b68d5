// SPDX-License-Identifier: Apache-2.0
// WhatsApp by Graph API and webhooks on the one side, a phone of the PBX on the other: what the
// double of Graph here gets and says are values, all else are bytes.
#include "bridge/graph/side.hpp"
#include "bridge/plan.hpp"
#include "media/tone.hpp"
#include "support/browser_beside.hpp"
#include "support/sound.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::test {
namespace {

using bridge::graph::Action;
using bridge::graph::ActionKind;
using bridge::graph::ActionOutcome;
using bridge::graph::ActionRequest;
using bridge::graph::CallStatus;
using bridge::graph::Connect;
using bridge::graph::GraphError;
using bridge::graph::Status;
using bridge::graph::Terminate;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kUser = "5511987654321";
const std::string kId = "wacid.1";
const std::string kPhoneNumberId = "436666719526789";

bridge::Settings graph_settings() {
    bridge::Settings settings;
    settings.enabled = true;
    settings.sip_server = "192.0.2.10";
    settings.meta.phone_number_id = kPhoneNumberId;
    settings.meta.phone_number = "+551130000000";
    return settings;
}

WorldOptions with_phone(std::optional<Milliseconds> answers_after) {
    WorldOptions options;
    options.phones = {{.answer_after = answers_after}};
    return options;
}

class GraphWorld : protected BrowserBeside {
  protected:
    explicit GraphWorld(webrtc::IceRole role,
                        std::optional<Milliseconds> answers_after = Milliseconds(500))
        : BrowserBeside(with_phone(answers_after), role),
          side({.bridge = "default",
                .phone_number_id = kPhoneNumberId,
                .phone_number = "+551130000000"},
               {world.now(), kNow},
               side_random) {
        bridge::Plan plan = bridge::plan_of({{"default", graph_settings()}});
        call::NeighbourDoor pbx;
        pbx.local = {IpAddress::v4(192, 0, 2, 1), 5060};
        pbx.trunk = bridge::names_of("default").pbx;
        plan.side_doors.push_back(std::move(pbx));
        call::NeighbourConfig config{.trunks = std::move(plan.trunks),
                                     .routes = std::move(plan.routes),
                                     .doors = std::move(plan.side_doors),
                                     .accounts = {}};
        world.at_exchange([&](call::Exchange& exchange, Instant now, call::Effects& out) {
            exchange.replace_neighbours(now, std::move(config), out);
        });
        world.add_stranger(flow.remote.ip, [this](const Datagram& datagram) {
            side.handle_message(world.now(), as_bytes(datagram.bytes), outputs);
        });
        world.phone(0).play(
            std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = 440, .level = -20}));
    }

    void go(Nanoseconds duration) {
        const Instant end = world.now() + duration;
        while (world.now() < end) {
            run(Milliseconds(5));
            if (const auto next = side.next_timeout(); next && *next <= world.now()) {
                side.handle_timeout(world.now(), outputs);
            }
            settle();
        }
    }
    void settle() {
        while (!outputs.messages.empty() || !outputs.requests.empty()) {
            bridge::graph::SideOutputs now = std::exchange(outputs, {});
            for (const std::string& message : now.messages) {
                world.at_exchange([&](call::Exchange& exchange, Instant at, call::Effects& out) {
                    exchange.handle_sip(at, flow, as_bytes(message), out);
                });
            }
            for (ActionRequest& request : now.requests) {
                asked.push_back(request.action);
                if (request.action.kind == ActionKind::Connect) {
                    opaque = request.action.opaque;
                    offer = request.action.sdp;
                }
                const auto refusal = refusals.find(request.action.kind);
                if (refusal != refusals.end()) {
                    tell(request.id, refusal->second);
                } else if (held != request.action.kind) {
                    tell(request.id, bridge::graph::Response{.status = 200, .call_id = kId});
                } else {
                    held_id = request.id;
                }
            }
        }
    }
    void tell(bridge::graph::ActionId id, const ActionOutcome& outcome) {
        side.handle_outcome(world.now(), id, outcome, outputs);
    }
    void notice(bridge::graph::CallNotice call) {
        side.handle_notice(world.now(), {kPhoneNumberId, "551130000000", std::move(call)}, outputs);
        settle();
    }
    std::vector<ActionKind> kinds() const {
        std::vector<ActionKind> out;
        std::ranges::transform(asked, std::back_inserter(out), &Action::kind);
        return out;
    }
    double heard_by_user() {
        const auto& heard = browser.heard();
        return heard.size() > 8000 ? frequency_of(std::span(heard).last(8000)) : 0;
    }
    double heard_by_pbx() {
        const auto& heard = world.phone_audio(0).left;
        return heard.size() > 8000 ? frequency_of(std::span(heard).last(8000)) : 0;
    }
    void expect_both_hear() {
        go(Seconds(2));
        EXPECT_NEAR(heard_by_user(), 440, 5);
        EXPECT_NEAR(heard_by_pbx(), 1000, 5);
    }
    void pbx_hangs_up() {
        world.at_phone([&](auto& phone, auto& out) { phone.hang_up(world.now(), out); });
        go(Seconds(1));
    }
    int refusal() {
        for (const lab::PhoneEvent& event : world.phone_events(0)) {
            if (const auto* rejected = std::get_if<lab::PhoneRejected>(&event)) {
                return rejected->status;
            }
        }
        return 0;
    }
    void expect_nothing_left() {
        go(Seconds(70));
        EXPECT_EQ(world.exchange().session_count(), 0U);
        EXPECT_EQ(world.open_ports(), 0U);
        EXPECT_EQ(side.calls(), 0U);
        EXPECT_TRUE(world.broken().empty());
    }

    static constexpr WallTime kNow{1'790'000'000'000};
    const sip::Flow flow = bridge::flow_to_side("default");
    SeededRandom side_random{9};
    bridge::graph::Side side;
    bridge::graph::SideOutputs outputs;
    std::vector<Action> asked;
    std::map<ActionKind, ActionOutcome> refusals;
    std::optional<ActionKind> held;  // not answered
    bridge::graph::ActionId held_id;
    std::string opaque;
    std::string offer;
};

// A user calls; the PBX is phone 0.
class AUserCalls : public testing::Test, protected GraphWorld {
  protected:
    AUserCalls() : GraphWorld(webrtc::IceRole::Controlling) {}
    explicit AUserCalls(std::optional<Milliseconds> answers_after)
        : GraphWorld(webrtc::IceRole::Controlling, answers_after) {}
    Connect connect() {
        return {.id = kId,
                .user_initiated = true,
                .from = kUser,
                .to = "551130000000",
                .user_id = {},
                .name = "Ana",
                .seconds = kNow.milliseconds / 1000,
                .sdp = browser.offer(true),
                .opaque = {},
                .payload = {}};
    }
    void hear_answer(ActionKind kind) {
        const auto found = std::ranges::find(asked, kind, &Action::kind);
        ASSERT_NE(found, asked.end());
        browser.accept(world.now(), found->sdp);
    }
};

class NobodyAtThePbx : public AUserCalls {
  protected:
    NobodyAtThePbx() : AUserCalls(std::nullopt) {}
};

TEST_F(AUserCalls, ThePbxRingsIsPreAcceptedThenAcceptedAndBothHearEachOther) {
    notice(connect());
    go(Milliseconds(200));
    EXPECT_THAT(kinds(), ElementsAre(ActionKind::PreAccept));
    hear_answer(ActionKind::PreAccept);
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
    hear_answer(ActionKind::PreAccept);
    go(Seconds(3));
    EXPECT_THAT(kinds(), ElementsAre(ActionKind::PreAccept));
    EXPECT_TRUE(browser.peer().media_path()) << "the transport is there";
    EXPECT_TRUE(std::ranges::all_of(browser.heard(), [](std::int16_t one) { return one == 0; }));
}

TEST_F(AUserCalls, TheUserHangsUp) {
    notice(connect());
    go(Milliseconds(200));
    hear_answer(ActionKind::PreAccept);
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
    hear_answer(ActionKind::PreAccept);
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

// The PBX calls a number.
class ThePbxCalls : public testing::Test, protected GraphWorld {
  protected:
    ThePbxCalls() : GraphWorld(webrtc::IceRole::Controlled) {}
    void call(const std::string& number = "+" + kUser) {
        world.phone_calls(number);
        go(Milliseconds(300));
    }
    Connect answer() {
        return {.id = kId,
                .user_initiated = false,
                .from = {},
                .to = kUser,
                .user_id = {},
                .name = {},
                .seconds = {},
                .sdp = browser.answer(world.now(), offer),
                .opaque = opaque,
                .payload = {}};
    }
    bool rings() {
        return std::ranges::any_of(world.phone_events(0), [](const lab::PhoneEvent& event) {
            return std::holds_alternative<lab::PhoneRinging>(event);
        });
    }
};

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
    EXPECT_EQ(heard_by_pbx(), 0);
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
