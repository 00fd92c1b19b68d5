// SPDX-License-Identifier: Apache-2.0
#include "bridge/page/side.hpp"

#include "bridge/limits.hpp"
#include "bridge/page/candidate.hpp"
#include "bridge/settings.hpp"
#include "bridge/settings_check.hpp"

#include <iterator>
#include <utility>
#include <variant>

namespace patchbay::bridge::page {
namespace {

AudioWay first_way(const SideSettings& settings) {
    return settings.audio == kAudioFrames ? AudioWay::Frames : AudioWay::Peer;
}

std::string_view to_string(AudioWay way) {
    return way == AudioWay::Peer ? kAudioWebRtc : kAudioFrames;
}

}  // namespace

Side::Side(SideSettings settings, Random& random)
    : settings_(std::move(settings)),
      gateway_(settings_.bridge, random),
      way_(first_way(settings_)) {
    state_.audio = to_string(way_);
}

void Side::use(SideSettings settings) {
    settings_ = std::move(settings);
    if (!call_) {
        way_ = first_way(settings_);
        state_.audio = to_string(way_);
    }
}

void Side::handle_message(Instant now, ByteView message, SideOutputs& out) {
    GatewayOutputs gateway;
    gateway_.handle_message(now, message, gateway);
    take(now, gateway, out);
}

void Side::take(Instant now, GatewayOutputs& gateway, SideOutputs& out) {
    std::move(gateway.messages.begin(), gateway.messages.end(), std::back_inserter(out.messages));
    for (const GatewayEvent& event : gateway.events) {
        std::visit([&](const auto& one) { handle(now, one, out); }, event);
    }
}

// In words, where nobody can call or be called.
std::optional<std::string> Side::why_not() const {
    if (!settings_.takes_calls) {
        return "the bridge is not enabled";
    }
    if (!is_attached_) {
        return lost_words_;
    }
    if (!ready_) {
        return "the page adapter has not said that the page is ready";
    }
    if (!ready_->paired) {
        return ready_->words.empty() ? "the page is not paired" : ready_->words;
    }
    return std::nullopt;
}

void Side::handle(Instant now, const NumberCalled& event, SideOutputs& out) {
    const auto number = parse_number_e164(event.number);
    if (!number || event.offer.empty()) {
        return refuse(now, event.call, number ? 488 : 404, {}, out);
    }
    if (const auto words = why_not()) {
        return refuse(now, event.call, 503, *words, out);
    }
    if (call_) {
        return refuse(now, event.call, 486, "the page is in another call", out);
    }
    ++call_number_;
    call_ = Call{.handle = event.call,
                 .from_page = false,
                 .id = {},
                 .number = *number,
                 .name = {},
                 .phase = Phase::Ringing,
                 .deadline = now + kRingingTime,
                 .answer = {},
                 .audio_deadline = {}};
    tell(now,
         {.kind = CommandKind::AnswerAudio,
          .call = {},
          .number = {},
          .digits = {},
          .sdp = with_only_candidate(event.offer,
                                     way_ == AudioWay::Peer ? settings_.address : std::nullopt)},
         out);
    tell(now, {.kind = CommandKind::Place, .call = {}, .number = *number, .digits = {}, .sdp = {}},
         out);
}

// The audio connects while the PBX rings.
void Side::handle(Instant now, const PbxRings& event, SideOutputs& out) {
    if (!call_ || call_->handle != event.call || event.answer.empty() ||
        std::exchange(call_->has_answer, true)) {
        return;
    }
    tell(now,
         {.kind = CommandKind::TakeAnswer,
          .call = {},
          .number = {},
          .digits = {},
          .sdp = with_only_candidate(event.answer,
                                     way_ == AudioWay::Peer ? settings_.address : std::nullopt)},
         out);
}

void Side::handle(Instant now, const PbxAnswered& event, SideOutputs& out) {
    if (!call_ || call_->handle != event.call) {
        return;
    }
    handle(now, PbxRings{event.call, event.answer}, out);
    call_->phase = Phase::Accepting;
    call_->deadline = now + kCommandTime;
    tell(now, CommandKind::Accept, out);
}

void Side::handle(Instant now, const PbxAnsweredAgain& event, SideOutputs& out) {
    if (!call_ || call_->handle != event.call) {
        return;
    }
    if (event.answer.empty()) {
        return hang_up(now, "the audio of the page does not connect", out);
    }
    call_->audio_deadline = now + kAudioTime;
    tell(now,
         {.kind = CommandKind::TakeAnswer,
          .call = {},
          .number = {},
          .digits = {},
          .sdp = event.answer},
         out);
}

void Side::handle(Instant now, const CallEnded& event, SideOutputs& out) {
    if (call_ && call_->handle == event.call) {
        tell_of_end(now, out);
        forget(now, out);
    }
}

// Both the user and the description are there.
void Side::answer_pbx(Instant now, SideOutputs& out) {
    if (!call_->is_accepted || call_->answer.empty() || call_->phase == Phase::Established) {
        return;
    }
    call_->phase = Phase::Established;
    call_->deadline.reset();
    call_->audio_deadline = now + kAudioTime;
    GatewayOutputs gateway;
    gateway_.answer(now, call_->handle, call_->answer, gateway);
    take(now, gateway, out);
}

void Side::refuse(
    Instant now, GatewayCall handle, int status, std::string words, SideOutputs& out) {
    if (call_ && call_->handle == handle) {
        forget(now, out);
    }
    GatewayOutputs gateway;
    gateway_.refuse(now, handle, status, std::move(words), gateway);
    take(now, gateway, out);
}

// Of the call that is, whatever its state.
void Side::hang_up(Instant now, std::string_view words, SideOutputs& out) {
    const Call call = *call_;
    if (!call.from_page && call.phase != Phase::Established) {
        tell_of_end(now, out);
        return refuse(now, call.handle, 503, std::string(words), out);
    }
    tell_of_end(now, out);
    forget(now, out);
    if (call.phase == Phase::Offering) {
        return;  // the PBX knows nothing of it
    }
    GatewayOutputs gateway;
    gateway_.hang_up(now, call.handle, words, gateway);
    take(now, gateway, out);
}

// What was agreed on has not connected. The page's audio comes another way, to an end of which the
// session is told by a second offer, and so does that of later calls.
void Side::fall_back(Instant now, SideOutputs& out) {
    call_->audio_deadline.reset();
    if (way_ == AudioWay::Frames || settings_.audio == kAudioWebRtc) {
        note_error(now, "the audio of the page does not connect");
        return hang_up(now, "the audio of the page does not connect", out);
    }
    tell(now, CommandKind::CloseAudio, out);
    way_ = AudioWay::Frames;
    state_.audio = to_string(way_);
    tell(now, CommandKind::OfferAudio, out);
}

void Side::handle_timeout(Instant now, SideOutputs& out) {
    GatewayOutputs gateway;
    gateway_.handle_timeout(now, gateway);
    take(now, gateway, out);
    if (ready_deadline_ && *ready_deadline_ <= now) {
        ready_deadline_.reset();
        note_error(now, *why_not());
    }
    expire(now, out);
    if (call_ && call_->audio_deadline && *call_->audio_deadline <= now) {
        fall_back(now, out);
    }
    if (call_ && call_->deadline && *call_->deadline <= now) {
        if (call_->from_page) {
            return hang_up(now, "nobody answered in time", out);
        }
        tell_of_end(now, out);
        refuse(now, call_->handle, 408, "no answer in time", out);
    }
}

// Commands that the page has not answered.
void Side::expire(Instant now, SideOutputs& out) {
    std::vector<CommandId> due;
    for (const auto& [id, waiting] : waiting_) {
        if (waiting.deadline <= now) {
            due.push_back(id);
        }
    }
    for (const CommandId id : due) {
        handle_answer(now, id,
                      {.call = {}, .sdp = {}, .error = "the page does not answer", .reason = {}},
                      out);
    }
}

std::optional<Instant> Side::next_timeout() const {
    auto next = earlier(gateway_.next_timeout(), ready_deadline_);
    for (const auto& [id, waiting] : waiting_) {
        next = earlier(next, std::optional(waiting.deadline));
    }
    return call_ ? earlier(earlier(next, call_->deadline), call_->audio_deadline) : next;
}

}  // namespace patchbay::bridge::page
