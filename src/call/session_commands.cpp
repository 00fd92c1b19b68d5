// SPDX-License-Identifier: Apache-2.0
// What the client asks of a call. No command waits for another: each one changes a state and is
// done.
#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "call/command_rules.hpp"
#include "call/error_code.hpp"
#include "call/session.hpp"
#include "call/speech_fields.hpp"
#include "call/synthesis_plan.hpp"

#include <string>
#include <type_traits>
#include <utility>

namespace patchbay::call {
namespace {

// Who interrupts does not want to hear it again; one who only speaks hears it go on.
void stop_music(std::optional<SecondLeg>& leg) {
    if (leg) {
        leg->plays_music = false;
    }
}

std::string out_of_turn(const Command& command, LegState state) {
    return "command " + std::string(name_of(command)) + " is not possible now (call is " +
           std::string(to_string(state)) + ")";
}

// What the server can only do to audio that flows through it.
bool needs_audio_here(const Command& command) {
    using namespace command;
    return std::visit(
        []<class T>(const T&) {
            return std::is_same_v<T, Tts> || std::is_same_v<T, Play> || std::is_same_v<T, Dtmf> ||
                   std::is_same_v<T, Mute> || std::is_same_v<T, Unmute> ||
                   std::is_same_v<T, Record> || std::is_same_v<T, Refer> ||
                   std::is_same_v<T, Bridge>;
        },
        command);
}

}  // namespace

void Session::handle_command(Step& step, ClientCommand command) {
    if (is_over()) {
        return;
    }
    event::Error error{.track_id = names_.caller_track,
                       .timestamp = step.timestamp,
                       .sender = "command",
                       .error = {},
                       .code = std::nullopt,
                       .request_id = command.request_id};
    if (is_for_second_leg(command.command)) {
        error.error = "command " + std::string(name_of(command.command)) +
                      " is for a second leg, and there is none";
        error.code = 409;
        refuse_command(step, command, std::move(error));
        return;
    }
    if (judge(command.command, leg_.state(), offered_.has_value()) != Verdict::Serve) {
        error.error = out_of_turn(command.command, leg_.state());
        error.code = 409;
        refuse_command(step, command, std::move(error));
        return;
    }
    // Said before what the command causes, so that its `hangup` stays the last event.
    const std::size_t before = step.effects.size();
    if (const Result<void> done = carry_out(step, command); !done) {
        error.error =
            std::string(name_of(command.command)) + ": " + patchbay::describe(done.error());
        error.code = error_code(done.error().code);
        refuse_command(step, command, std::move(error));
    } else if (bridge_wanted_) {
        bridge_request_->request_id = command.request_id;  // answered when the other call is found
    } else if (command.request_id) {
        const event::Ack ack{names_.caller_track, step.timestamp, *command.request_id};
        step.effects.insert(step.effects.begin() + static_cast<std::ptrdiff_t>(before),
                            step.addressed(ack));
    }
}

// Whoever follows an operation hears of its failure there.
void Session::refuse_command(Step& step, const ClientCommand& command, event::Error error) {
    if (command.operation) {
        report_operation(
            step, *command.operation,
            {.status = error.code.value_or(500), .reason = error.error, .final = true});
    } else {
        step.emit(std::move(error));
    }
}

Result<void> Session::carry_out(Step& step, const ClientCommand& request) {
    using namespace command;
    if (direct_ && needs_audio_here(request.command)) {
        return fail(Errc::Unsupported, "in a call whose media flows from phone to phone");
    }
    return std::visit(
        Overloaded{
            [&](const Invite& c) {
                return kind_ == SessionKind::WebSocket ? begin_socket_call(step, c.option)
                                                       : invite(step, c);
            },
            [&](const Tts& c) { return speak(step, c); },
            [&](const Play& c) {
                input_wait_.reset();
                turns_.text_came(step.now);
                return playback_.play(step, c);
            },
            [&](const Interrupt& c) -> Result<void> {
                stop_music(second_leg_);
                interrupt(step, c);
                return {};
            },
            [&](const Pause&) { return playback_.pause(); },
            [&](const Resume&) { return playback_.resume(); },
            [&](const Mute& c) { return mute(c.track_id, true); },
            [&](const Unmute& c) { return mute(c.track_id, false); },
            [&](const Hangup& c) -> Result<void> {
                hang_up(step, c);
                return {};
            },
            [&](const Dtmf& c) { return send_digits(c); },
            [&](const Accept& c) { return accept(step, c); },
            [&](const Reject& c) { return reject(step, c); },
            [&](const Ringing& c) { return ring(step, c); },
            [&](const Refer& c) { return refer(step, c); },
            [&](const Message& c) { return send_message(step, c); },
            [&](const Bridge& c) { return bridge(c); },
            [&](const Unbridge& c) { return unbridge(step, c); },
            [&](const History& c) -> Result<void> {
                step.emit(event::AddHistory{.sender = names_.id.value(),
                                            .timestamp = step.timestamp,
                                            .speaker = c.speaker,
                                            .text = c.text});
                return {};
            },
            [&](const Custom& c) -> Result<void> {
                step.emit(
                    event::Custom{.timestamp = step.timestamp, .sender = c.sender, .data = c.data});
                return {};
            },
            [&](const AddIceCandidate& c) { return add_ice_candidate(step, c); },
            [&](const Offer& c) { return answer_further_offer(step, c); },
            [&](const Hold&) { return hold(step, true, request.operation); },
            [&](const Unhold&) { return hold(step, false, request.operation); },
            [&](const Record& c) { return record(step, c); },
            [&](const Transfer& c) { return transfer(step, c, request.target, request.operation); },
        },
        request.command);
}

// Holding, texts and transfers are words of SIP.
Result<void> Session::check_sip() const {
    if (!call_) {
        return fail(Errc::Unsupported, "in a call that is not SIP");
    }
    return {};
}

Result<void> Session::send_message(Step& step, const command::Message& message) {
    PB_CHECK(check_sip());
    sip::ExtraHeaders headers;
    for (const auto& [name, value] : message.headers) {
        headers.push_back({name, value});
    }
    around_.agent.send_message(
        step.now, *call_, {message.content_type.value_or("text/plain;charset=utf-8"), message.body},
        std::move(headers), around_.sip);
    return {};
}

void Session::hang_up(Step& step, const command::Hangup& hangup) {
    HangupCause cause = ended_by_us();
    cause.reason = hangup.reason.value_or(cause.reason);
    cause.initiator = hangup.initiator.value_or(cause.initiator);
    sip::ExtraHeaders headers;
    const TextMap none;
    for (const auto* map : {option_.sip ? &option_.sip->hangup_headers : &none, &hangup.headers}) {
        for (const auto& [name, value] : *map) {
            headers.push_back({name, value});
        }
    }
    end(step, cause, headers);
}

Result<void> Session::speak(Step& step, const command::Tts& tts) {
    input_wait_.reset();
    turns_.text_came(step.now);
    const SynthesisOption call_option = option_.tts.value_or(SynthesisOption{});
    const SynthesisOption option = tts.option ? overlaid(call_option, *tts.option) : call_option;
    command::Tts chosen = tts;
    chosen.option = option;
    PB_TRY(chosen.option->provider, choose_voice(step, option));
    return playback_.speak(step, chosen, call_option);
}

// The provider that will speak. What is to be said of one is said once, not once for each sentence.
Result<std::string> Session::choose_voice(Step& step, const SynthesisOption& option) {
    const ExchangeConfig& config = around_.config;
    const auto plan = plan_synthesis(option, config.speech_provider, config.speech_accounts);
    if (!plan) {
        if (!config.speech_fallback) {
            report_error(step, "tts", plan.error(), 501);
            return fail(Errc::Unavailable, "voice");
        }
        if (voices_told_.insert(plan.error()).second) {
            report_error(step, "tts", plan.error() + "; the embedded voice speaks instead", 501);
        }
        return std::string(speech::speech_providers().front().name);
    }
    const std::string provider(plan->provider->name);
    if (!plan->unused.empty()) {
        auto unused = unused_fields_event(step, names_.server_track, "tts", provider, plan->unused);
        if (voices_told_.insert(provider + " " + unused.extra["unused"]).second) {
            step.emit(std::move(unused));
        }
    }
    return provider;
}

// Silences what comes from a track; an unknown one has no sound to silence.
Result<void> Session::mute(const std::optional<TrackId>& track, bool muted) {
    if (track && *track != names_.caller_track && *track != names_.server_track) {
        return fail(Errc::NotFound, "trackId");
    }
    if (!track || *track == names_.caller_track) {
        caller_muted_ = muted;
        if (audio_) {
            audio_->track().mute_received(muted);
        }
    }
    if (!track || *track == names_.server_track) {
        server_muted_ = muted;
    }
    return {};
}

Result<void> Session::send_digits(const command::Dtmf& dtmf) {
    if (!audio_) {
        return fail(Errc::Unsupported, "keys where the audio is no RTP");
    }
    return audio_->track().send_digits(dtmf.digits,
                                       {.tone = dtmf.duration.value(), .gap = dtmf.gap.value()});
}

}  // namespace patchbay::call
