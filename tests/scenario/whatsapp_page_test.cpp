// SPDX-License-Identifier: Apache-2.0
// WhatsApp by a page on the one side, a phone of the PBX on the other: what the page's adapter says
// and is asked for are values, its audio is a browser's.
#include "bridge/page/side.hpp"
#include "bridge/plan.hpp"
#include "media/tone.hpp"
#include "support/browser_beside.hpp"
#include "support/sound.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::test {
namespace {

namespace page = bridge::page;
using page::Command;
using page::CommandAnswer;
using page::CommandKind;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string kUser = "5511987654321";
const std::string kId = "page-1";

bridge::Settings page_settings() {
    bridge::Settings settings;
    settings.enabled = true;
    settings.provider = "page";
    settings.sip_server = "192.0.2.10";
    settings.sip_extension = "100";
    settings.chrome_remote_url = "ws://10.1.0.7:9223";
    return settings;
}

WorldOptions with_phone(std::optional<Milliseconds> answers_after) {
    WorldOptions options;
    options.phones = {{.answer_after = answers_after}};
    return options;
}

class PageWorld : protected BrowserBeside {
  protected:
    explicit PageWorld(webrtc::IceRole role,
                       std::optional<Milliseconds> answers_after = Milliseconds(500))
        : BrowserBeside(with_phone(answers_after), role),
          side({.bridge = "default", .address = std::nullopt, .audio = {}}, side_random) {
        bridge::Plan plan = bridge::plan_of({{"default", page_settings()}});
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

    void attach() {
        side.page_attached(world.now());
        notice(page::Hello{});
        notice(page::Ready{});
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
        while (!outputs.messages.empty() || !outputs.commands.empty()) {
            page::SideOutputs now = std::exchange(outputs, {});
            for (const std::string& message : now.messages) {
                world.at_exchange([&](call::Exchange& exchange, Instant at, call::Effects& out) {
                    exchange.handle_sip(at, flow, as_bytes(message), out);
                });
            }
            for (const page::CommandRequest& request : now.commands) {
                asked.push_back(request.command);
                if (!silent.contains(request.command.kind)) {
                    side.handle_answer(world.now(), request.id, answer(request.command), outputs);
                }
            }
        }
    }
    // As a page does that works.
    CommandAnswer answer(const Command& command) {
        if (const auto found = refusals.find(command.kind); found != refusals.end()) {
            return found->second;
        }
        CommandAnswer out;
        switch (command.kind) {
            case CommandKind::Place: out.call = kId; break;
            case CommandKind::OfferAudio: out.sdp = browser.offer(true); break;
            case CommandKind::AnswerAudio:
                out.sdp = browser.answer(world.now(), command.sdp);
                break;
            case CommandKind::TakeAnswer: browser.accept(world.now(), command.sdp); break;
            default: break;
        }
        return out;
    }
    void notice(page::Notice one) {
        side.handle_notice(world.now(), one, outputs);
        settle();
    }
    std::vector<CommandKind> kinds() const {
        std::vector<CommandKind> out;
        std::ranges::transform(asked, std::back_inserter(out), &Command::kind);
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
    void pbx_calls() {
        world.phone_calls("+" + kUser);
        go(Milliseconds(200));
    }
    void pbx_hangs_up() {
        world.at_phone([&](auto& phone, auto& out) { phone.hang_up(world.now(), out); });
        go(Seconds(1));
    }
    int refusal() const {
        int status = 0;  // the latest
        for (const lab::PhoneEvent& event : world.phone_events(0)) {
            if (const auto* rejected = std::get_if<lab::PhoneRejected>(&event)) {
                status = rejected->status;
            }
        }
        return status;
    }
    void expect_nothing_left() {
        go(Seconds(70));
        EXPECT_EQ(world.exchange().session_count(), 0U);
        EXPECT_EQ(world.open_ports(), 0U);
        EXPECT_EQ(side.calls(), 0U);
        EXPECT_TRUE(world.broken().empty());
    }

    const sip::Flow flow = bridge::flow_to_side("default");
    SeededRandom side_random{9};
    page::Side side;
    page::SideOutputs outputs;
    std::vector<Command> asked;
    std::map<CommandKind, CommandAnswer> refusals;
    std::set<CommandKind> silent;  // not answered
};

class AUserCallsAPage : public testing::Test, protected PageWorld {
  protected:
    explicit AUserCallsAPage(std::optional<Milliseconds> answers_after = Milliseconds(500))
        : PageWorld(webrtc::IceRole::Controlling, answers_after) {
        attach();
    }
    void incoming(const std::string& id = kId) { notice(page::Incoming{id, kUser, "Ana"}); }
};

class ThePbxCallsAPage : public testing::Test, protected PageWorld {
  protected:
    ThePbxCallsAPage() : PageWorld(webrtc::IceRole::Controlled) {}
};

class NobodyAtThePbxOfAPage : public AUserCallsAPage {
  protected:
    NobodyAtThePbxOfAPage() : AUserCallsAPage(std::nullopt) {}
};

TEST_F(AUserCallsAPage, ThePbxAnswersThePageAcceptsAndBothHearEachOther) {
    incoming();
    go(Seconds(1));
    EXPECT_THAT(kinds(),
                ElementsAre(CommandKind::OfferAudio, CommandKind::TakeAnswer, CommandKind::Accept));
    notice(page::AudioState{true});
    notice(page::Accepted{kId});
    expect_both_hear();
    EXPECT_THAT(world.ladder(), Contains(HasSubstr("> INVITE sip:100@192.0.2.10")));
    pbx_hangs_up();
    EXPECT_THAT(kinds(), Contains(CommandKind::HangUp));
    expect_nothing_left();
}

TEST_F(AUserCallsAPage, TheUserHangsUp) {
    incoming();
    go(Seconds(1));
    notice(page::AudioState{true});
    notice(page::Ended{kId, "terminate"});
    go(Seconds(1));
    EXPECT_FALSE(world.phone(0).in_call());
    EXPECT_THAT(kinds(), Not(Contains(CommandKind::HangUp)));
    expect_nothing_left();
}

TEST_F(NobodyAtThePbxOfAPage, TheUserGivesUpWhileItRings) {
    incoming();
    go(Milliseconds(300));
    notice(page::Ended{kId, "missed"});
    go(Seconds(1));
    EXPECT_THAT(world.ladder(), Contains(HasSubstr("> CANCEL ")));
    expect_nothing_left();
}

TEST_F(NobodyAtThePbxOfAPage, WhoAcceptsInThePageItselfTakesTheCallFromThePbx) {
    incoming();
    go(Milliseconds(300));
    notice(page::Accepted{kId});
    go(Seconds(1));
    EXPECT_THAT(world.ladder(), Contains(HasSubstr("> CANCEL ")));
    expect_nothing_left();
}

TEST_F(NobodyAtThePbxOfAPage, NobodyAnswersIsRejectedInTime) {
    incoming();
    go(Seconds(92));
    EXPECT_THAT(kinds(), Contains(CommandKind::Reject));
    EXPECT_THAT(world.ladder(), Contains(HasSubstr("> CANCEL ")));
    expect_nothing_left();
}

TEST_F(AUserCallsAPage, ASecondCallIsRejectedAndTheFirstGoesOn) {
    incoming();
    go(Seconds(1));
    notice(page::AudioState{true});
    incoming("page-2");
    EXPECT_EQ(asked.back().kind, CommandKind::Reject);
    EXPECT_EQ(asked.back().call, "page-2");
    expect_both_hear();
}

TEST_F(AUserCallsAPage, APageThatIsLoadedAnewOrCrashesHasLostItsCall) {
    for (const bool crashes : {false, true}) {
        incoming();
        go(Seconds(1));
        EXPECT_TRUE(world.phone(0).in_call());
        if (crashes) {
            side.page_lost(world.now(), "the page has crashed", outputs);
            settle();
            EXPECT_EQ(side.state().last_error, "the page has crashed");
            EXPECT_EQ(side.state().reachable, false);
        } else {
            notice(page::Hello{});
        }
        go(Seconds(1));
        EXPECT_FALSE(world.phone(0).in_call());
        attach();
        EXPECT_EQ(side.state().last_error, std::nullopt);
    }
    expect_nothing_left();
}

TEST_F(AUserCallsAPage, KeysGoToTheSideThatDidNotPressThem) {
    incoming();
    go(Seconds(1));
    notice(page::Keys{kId, "5#x"});
    EXPECT_EQ(asked.back().kind, CommandKind::PressKeys);
    EXPECT_EQ(asked.back().digits, "5#");
    notice(page::HeardKeys{"7"});
    EXPECT_EQ(asked.back().kind, CommandKind::SendKeys);
    EXPECT_EQ(asked.back().digits, "7");
    EXPECT_EQ(asked.back().call, kId);
}

TEST_F(AUserCallsAPage, WhoHasNoNumberCallsAllTheSame) {
    notice(page::Incoming{kId, "Ana\r\nEvil: 1", ""});
    go(Seconds(1));
    EXPECT_TRUE(world.phone(0).in_call());
}

TEST_F(ThePbxCallsAPage, ItRingsIsAcceptedAndBothHearEachOther) {
    attach();
    pbx_calls();
    ASSERT_THAT(kinds(), ElementsAre(CommandKind::AnswerAudio, CommandKind::Place));
    EXPECT_EQ(asked[1].number, "+" + kUser);
    notice(page::Ringing{kId});
    go(Milliseconds(100));
    EXPECT_THAT(world.ladder(), Contains(HasSubstr("180 Ringing")));
    notice(page::Accepted{kId});
    go(Seconds(1));
    notice(page::AudioState{true});
    expect_both_hear();
    pbx_hangs_up();
    EXPECT_THAT(kinds(), Contains(CommandKind::HangUp));
    expect_nothing_left();
}

TEST_F(ThePbxCallsAPage, WhyItWasNotAnsweredIsAStatus) {
    attach();
    const std::vector<std::pair<std::string, int>> rows{
        {"busy", 486},   {"rejected", 486},       {"missed", 480},
        {"pigeon", 503}, {"unknown_number", 404}, {"forbidden", 403}};
    for (const auto& [reason, status] : rows) {
        pbx_calls();
        notice(page::Ended{kId, reason});
        go(Seconds(1));
        EXPECT_EQ(refusal(), status) << reason;
    }
    expect_nothing_left();
}

TEST_F(ThePbxCallsAPage, WhatThePageRefusesToPlaceSaysWhy) {
    attach();
    refusals[CommandKind::Place] = {
        .call = {}, .sdp = {}, .error = "page.elements.call is not to be seen", .reason = {}};
    pbx_calls();
    go(Seconds(1));
    EXPECT_EQ(refusal(), 503);
    EXPECT_THAT(side.state().last_error.value_or(""), HasSubstr("page.elements.call"));
    expect_nothing_left();
}

TEST_F(ThePbxCallsAPage, WithoutAPageOrItsPairingItIs503InWords) {
    pbx_calls();
    EXPECT_EQ(refusal(), 503);
    attach();
    notice(page::Ready{.paired = false, .words = "scan the code", .number = {}});
    EXPECT_EQ(side.state().last_error, "scan the code");
    pbx_calls();
    EXPECT_EQ(refusal(), 503);
    notice(page::Ready{});
    EXPECT_EQ(side.state().last_error, std::nullopt);
}

TEST_F(ThePbxCallsAPage, AnAdapterThatNeverSaysReadyIsToldOf) {
    side.page_attached(world.now());
    go(Seconds(21));
    EXPECT_THAT(side.state().last_error.value_or(""), HasSubstr("adapter"));
}

TEST_F(ThePbxCallsAPage, APageThatDoesNotAnswerIsGivenUpInTime) {
    attach();
    silent = {CommandKind::Place, CommandKind::AnswerAudio};
    pbx_calls();
    go(Seconds(21));
    EXPECT_EQ(refusal(), 503);
    expect_nothing_left();
}

TEST_F(ThePbxCallsAPage, WhoGivesUpBeforeThePageHasBegunEndsWhatItBegins) {
    attach();
    silent = {CommandKind::Place};
    pbx_calls();
    world.at_phone([&](auto& phone, auto& out) { phone.hang_up(world.now(), out); });
    go(Seconds(1));
    EXPECT_EQ(side.calls(), 0U);
    side.handle_answer(world.now(), 2, {.call = kId, .sdp = {}, .error = {}, .reason = {}},
                       outputs);
    settle();
    EXPECT_EQ(asked.back().kind, CommandKind::HangUp);
    EXPECT_EQ(asked.back().call, kId);
}

}  // namespace
}  // namespace patchbay::test
