// SPDX-License-Identifier: Apache-2.0
// The two sessions of a `refer`: one is born for the other, both are joined, and the end of one is
// told to the other.
#include "call/audio_join.hpp"
#include "call/exchange_state.hpp"

#include <algorithm>
#include <iterator>

namespace patchbay::call {
namespace {

bool is_last_word(const Effect& effect, SessionKey session) {
    const auto* emitted = std::get_if<EmitEvent>(&effect);
    if (emitted == nullptr || emitted->session != session) {
        return false;
    }
    const auto* hangup = std::get_if<event::Hangup>(&emitted->event);
    return hangup != nullptr && !hangup->refer;
}

}  // namespace

std::optional<SessionKey> Exchange::State::second_leg_of(SessionKey main) const {
    const auto found = sessions.find(main);
    return found == sessions.end() ? std::nullopt : found->second->second_leg;
}

void Exchange::State::bear_second_leg(Instant now, Entry& main, Effects& out) {
    auto request = main.session.take_second_leg_request();
    if (!request) {
        return;
    }
    part_from_second_leg(now, main, out);
    const SessionNames main_names = main.session.names();
    if (by_id.contains(request->id) || sessions.size() >= kSessionsPerShard) {
        SessionSummary refused;
        refused.status = by_id.contains(request->id) ? 409 : 503;
        refused.reason = refused.status == 409 ? "its callId is taken" : "too many calls";
        step(now, main, out,
             [&](Session& session, Step& one) { session.second_leg_ended(one, refused); });
        return;
    }
    Entry& leg = add(now,
                     {.names = {.key = {},
                                .id = request->id,
                                .caller_track = main_names.server_track,
                                .server_track = main_names.server_track,
                                .main_call = MainCall{main_names.key, main_names.id}},
                      .kind = SessionKind::Sip,
                      .incoming = false},
                     out);
    leg.main_call = main_names.key;
    leg.hold_music = request->hold_music;
    leg.forward_dtmf = request->forward_dtmf;
    const SessionKey leg_key = leg.session.names().key;
    main.second_leg = leg_key;
    if (leg.hold_music) {
        leg.session.start_track_late();
    }
    step(now, leg, out, [&](Session& session, Step& one) {
        session.handle_command(one, {command::Invite{std::move(request->option)}, std::nullopt});
    });
    // An invite that was refused as a command leaves a session to which nothing will happen.
    step(now, leg_key, out, [&](Session& session, Step& one) {
        if (session.leg_state() == LegState::Idle) {
            session.kill(one);
        }
    });
}

void Exchange::State::follow_second_leg(Instant now, Entry& leg, Effects& out) {
    const auto found = sessions.find(*leg.main_call);
    if (found == sessions.end()) {
        return;
    }
    Entry& main = *found->second;
    const LegState state = leg.announced;
    if (state == LegState::Answered || (state == LegState::Early && !leg.hold_music)) {
        join(main, leg);
    }
    if (state == LegState::Answered) {
        step(now, main, out, [](Session& session, Step& one) { session.second_leg_answered(one); });
        step(now, leg, out, [](Session& session, Step& one) { session.start_caller_track(one); });
    }
}

void Exchange::State::join(Entry& main, Entry& leg) {
    if (std::exchange(leg.joined, true)) {
        return;
    }
    const auto audio = std::make_shared<AudioJoin>();
    main.session.enter_join(audio, AudioJoin::Side::First, leg.forward_dtmf);
    leg.session.enter_join(audio, AudioJoin::Side::Second, leg.forward_dtmf);
}

// Its end is told, and does not come back to the call as that of its second leg.
void Exchange::State::part_from_second_leg(Instant now, Entry& main, Effects& out) {
    const auto found = main.second_leg ? sessions.find(*main.second_leg) : sessions.end();
    if (found == sessions.end()) {
        return;
    }
    Entry& leg = *found->second;
    main.second_leg.reset();
    leg.main_call.reset();
    step(now, leg, out, [](Session& session, Step& one) { session.kill(one); });
}

// The second leg does not outlive the call; what it says stands before the call's last word.
void Exchange::State::end_second_leg(Instant now, Entry& main, Effects& out) {
    Effects before;
    part_from_second_leg(now, main, before);
    const SessionKey key = main.session.names().key;
    const auto last = std::find_if(out.begin(), out.end(),
                                   [&](const Effect& one) { return is_last_word(one, key); });
    out.insert(last, std::make_move_iterator(before.begin()),
               std::make_move_iterator(before.end()));
}

}  // namespace patchbay::call
