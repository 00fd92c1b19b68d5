// SPDX-License-Identifier: Apache-2.0
#include "lab/demo_call.hpp"

#include <string_view>
#include <utility>

namespace patchbay::lab {
namespace {

// No step takes nearly as long; on a busy machine speech may be slow to start.
constexpr Seconds kPatience{15};
// After a `hangup` that nobody answers the client leaves.
constexpr Seconds kHangupPatience{5};

constexpr std::string_view kSentence = "sentence";

std::string_view name_of_step(std::size_t step) {
    constexpr std::string_view kNames[] = {"the answer",
                                           "the keys of the phone",
                                           "the end of the sentence",
                                           "the end of the WAV file",
                                           "the start of the MP3 file",
                                           "the end of the interrupted file",
                                           "the end of the call",
                                           ""};
    return kNames[step];
}

template <class E>
bool is_of(const E& event, std::string_view play_id) {
    return event.play_id && event.play_id->value() == play_id;
}

}  // namespace

DemoCall::DemoCall(DemoScript script, std::string callee)
    : script_(std::move(script)), callee_(std::move(callee)) {}

void DemoCall::start(Instant now, Commands& out) {
    enter(now, Step::Calling, out);
}

void DemoCall::handle_event(Instant now, const call::Event& event, Commands& out) {
    if (const auto* error = std::get_if<call::event::Error>(&event)) {
        record_.errors.push_back(error->sender + ": " + error->error);
    } else if (const auto* hangup = std::get_if<call::event::Hangup>(&event)) {
        if (step_ != Step::HangingUp) {
            record_.errors.emplace_back("the call ended early");
        }
        record_.hangup = *hangup;
        enter(now, Step::Over, out);
    } else if (const auto* key = std::get_if<call::event::Dtmf>(&event)) {
        record_.digits += key->digit;
        if (step_ == Step::Listening && record_.digits.size() == script_.keys.size()) {
            enter(now, Step::Speaking, out);
        }
    } else {
        handle_in_step(now, event, out);
    }
}

void DemoCall::handle_in_step(Instant now, const call::Event& event, Commands& out) {
    if (step_ == Step::Calling) {
        if (std::holds_alternative<call::event::Ringing>(event)) {
            record_.ringing = now;
        } else if (std::holds_alternative<call::event::Answer>(event)) {
            record_.answered = now;
            enter(now, Step::Listening, out);
        } else if (const auto* reject = std::get_if<call::event::Reject>(&event)) {
            record_.errors.push_back("not accepted: " + reject->reason);
        }
        return;
    }
    handle_playing(now, event);
}

void DemoCall::handle_playing(Instant now, const call::Event& event) {
    if (const auto* start = std::get_if<call::event::TrackStart>(&event)) {
        if (step_ == Step::PlayingMp3 && is_of(*start, script_.mp3_name)) {
            paused_ = true;
            deadline_ = now + script_.interrupt_after;
        }
    } else if (const auto* end = std::get_if<call::event::TrackEnd>(&event)) {
        if (step_ == Step::Speaking && is_of(*end, kSentence)) {
            end_playback(now, record_.speech, end->duration);
        } else if (step_ == Step::PlayingWav && is_of(*end, script_.wav_name)) {
            end_playback(now, record_.wav, end->duration);
        } else if (step_ == Step::Interrupted && is_of(*end, script_.mp3_name)) {
            end_playback(now, record_.mp3, end->duration);
        }
    }
}

void DemoCall::end_playback(Instant now, std::optional<Milliseconds>& length, Milliseconds heard) {
    length = heard;
    paused_ = true;
    deadline_ = now + script_.pause;
}

void DemoCall::enter(Instant now, Step step, Commands& out) {
    using namespace call::command;
    step_ = step;
    paused_ = false;
    deadline_ = now + (step == Step::HangingUp ? kHangupPatience : kPatience);
    switch (step) {
        case Step::Calling: {
            Invite invite;
            invite.option.callee = callee_;
            invite.option.recorder = call::RecorderOption{.recorder_file = script_.recording};
            out.emplace_back(std::move(invite));
            break;
        }
        case Step::Listening: break;
        case Step::Speaking: {
            Tts tts;
            tts.text = script_.sentence;
            tts.play_id = call::PlayId(std::string(kSentence));
            out.emplace_back(std::move(tts));
            break;
        }
        case Step::PlayingWav: out.emplace_back(Play{.url = script_.wav_name}); break;
        case Step::PlayingMp3: out.emplace_back(Play{.url = script_.mp3_name}); break;
        case Step::Interrupted:
            record_.interrupted = now;
            out.emplace_back(Interrupt{});
            break;
        case Step::HangingUp: out.emplace_back(Hangup{}); break;
        case Step::Over: deadline_.reset(); break;
    }
}

void DemoCall::enter_next(Instant now, Commands& out) {
    enter(now, static_cast<Step>(static_cast<int>(step_) + 1), out);
}

void DemoCall::handle_timeout(Instant now, Commands& out) {
    if (!deadline_ || *deadline_ > now) {
        return;
    }
    if (paused_) {
        enter_next(now, out);
    } else {
        give_up(now, out);
    }
}

void DemoCall::give_up(Instant now, Commands& out) {
    record_.errors.push_back("waited in vain for " +
                             std::string(name_of_step(static_cast<std::size_t>(step_))));
    enter(now, step_ == Step::HangingUp ? Step::Over : Step::HangingUp, out);
}

void DemoCall::handle_closed(const std::string& why) {
    if (step_ != Step::Over) {
        record_.errors.push_back(why);
        step_ = Step::Over;
        deadline_.reset();
    }
}

}  // namespace patchbay::lab
