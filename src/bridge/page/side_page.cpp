// SPDX-License-Identifier: Apache-2.0
// What the page says, and what became of what it was asked for.
#include "base/text.hpp"
#include "bridge/limits.hpp"
#include "bridge/page/side.hpp"
#include "bridge/settings_check.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

namespace patchbay::bridge::page {
namespace {

// Of a call that was never answered, in the words of the status of such calls.
int status_of(std::string_view reason) {
    constexpr std::array<std::pair<std::string_view, int>, 7> kStatuses{{{"busy", 486},
                                                                         {"rejected", 486},
                                                                         {"missed", 480},
                                                                         {"terminate", 480},
                                                                         {"unknown_number", 404},
                                                                         {"forbidden", 403},
                                                                         {"no_permission", 403}}};
    const auto* found =
        std::ranges::find(kStatuses, reason, [](const auto& one) { return one.first; });
    return found == kStatuses.end() ? 503 : found->second;
}

// A page's words end up in headers, logs and the status: RFC 3261 25.1 has no line ends there.
std::string printable(std::string_view text) {
    std::string out(text.substr(0, kWords));
    std::ranges::replace_if(
        out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    return out;
}

bool is_key(char c) {
    return is_digit(c) || c == '*' || c == '#' || (c >= 'A' && c <= 'D');
}

std::string keys_of(std::string_view text) {
    std::string out;
    std::ranges::copy_if(text.substr(0, kWords), std::back_inserter(out), is_key);
    return out;
}

}  // namespace

void Side::page_attached(Instant now) {
    is_attached_ = true;
    ready_.reset();
    ready_deadline_ = now + kReadyTime;
    state_.at = now;
    state_.last_error.reset();
    if (!call_) {
        way_ = settings_.audio == kAudioFrames ? AudioWay::Frames : AudioWay::Peer;
    }
}

void Side::page_lost(Instant now, std::string_view words, SideOutputs& out) {
    is_attached_ = false;
    ready_.reset();
    ready_deadline_.reset();
    waiting_.clear();
    lost_words_ = words;
    note_error(now, std::string(words));
    state_.reachable = false;
    if (call_) {
        hang_up(now, words, out);
        waiting_.clear();
    }
}

void Side::note_error(Instant now, std::string words) {
    state_.at = now;
    state_.last_error = std::move(words);
}

void Side::handle_notice(Instant now, const Notice& notice, SideOutputs& out) {
    std::visit([&](const auto& one) { handle(now, one, out); }, notice);
}

// Whatever was in the page before is gone.
void Side::handle(Instant now, const Hello& /*notice*/, SideOutputs& out) {
    ready_.reset();
    state_.reachable = false;
    ready_deadline_ = now + kReadyTime;
    waiting_.clear();
    if (call_) {
        hang_up(now, "the page was loaded anew", out);
        waiting_.clear();
    }
}

void Side::handle(Instant now, const Ready& notice, SideOutputs& /*out*/) {
    ready_ = Ready{notice.paired, printable(notice.words), printable(notice.number)};
    ready_deadline_.reset();
    state_.at = now;
    state_.reachable = notice.paired;
    state_.last_error = why_not();
}

void Side::handle(Instant now, const Incoming& notice, SideOutputs& out) {
    if (notice.call.empty() || is_of_call(notice.call)) {
        return;
    }
    if (call_ || why_not()) {
        return tell(now,
                    {.kind = CommandKind::Reject,
                     .call = notice.call,
                     .number = {},
                     .digits = {},
                     .sdp = {}},
                    out);
    }
    ++call_number_;
    const auto number = parse_number_e164(notice.number);
    const std::string shown = printable(notice.number);
    call_ = Call{.handle = {},
                 .from_page = true,
                 .id = notice.call,
                 .number = number          ? *number
                           : shown.empty() ? "anonymous"
                                           : shown,
                 .name = printable(notice.name),
                 .phase = Phase::Offering,
                 .deadline = now + kRingingTime,
                 .answer = {},
                 .audio_deadline = {}};
    tell(now, CommandKind::OfferAudio, out);
}

void Side::handle(Instant now, const Ringing& notice, SideOutputs& out) {
    if (is_of_call(notice.call) && !call_->from_page && call_->phase == Phase::Ringing) {
        GatewayOutputs gateway;
        gateway_.ring(now, call_->handle, gateway);
        take(now, gateway, out);
    }
}

void Side::handle(Instant now, const Accepted& notice, SideOutputs& out) {
    if (!is_of_call(notice.call)) {
        return;
    }
    if (!call_->from_page) {
        call_->is_accepted = true;
        return answer_pbx(now, out);
    }
    // Somebody pressed the button in the page itself: nobody of the PBX is there.
    if (call_->phase == Phase::Offering || call_->phase == Phase::Ringing) {
        hang_up(now, "accepted elsewhere", out);
    }
}

void Side::handle(Instant now, const Ended& notice, SideOutputs& out) {
    if (!is_of_call(notice.call)) {
        return;
    }
    const Call call = *call_;
    const std::string reason = printable(notice.reason);
    forget(now, out);
    GatewayOutputs gateway;
    if (call.phase == Phase::Offering) {
        return;  // the PBX knows nothing of it
    }
    if (call.from_page || call.phase == Phase::Established) {
        gateway_.hang_up(now, call.handle, reason == "terminate" ? "" : reason, gateway);
    } else {
        gateway_.refuse(now, call.handle, status_of(reason), reason, gateway);
    }
    take(now, gateway, out);
}

void Side::handle(Instant now, const Keys& notice, SideOutputs& out) {
    const std::string digits = keys_of(notice.digits);
    if (is_of_call(notice.call) && call_->phase == Phase::Established && !digits.empty()) {
        tell(
            now,
            {.kind = CommandKind::PressKeys, .call = {}, .number = {}, .digits = digits, .sdp = {}},
            out);
    }
}

void Side::handle(Instant now, const HeardKeys& notice, SideOutputs& out) {
    const std::string digits = keys_of(notice.digits);
    if (call_ && call_->phase == Phase::Established && !digits.empty()) {
        tell(now,
             {.kind = CommandKind::SendKeys,
              .call = call_->id,
              .number = {},
              .digits = digits,
              .sdp = {}},
             out);
    }
}

void Side::handle(Instant now, const AudioState& notice, SideOutputs& out) {
    if (!call_) {
        return;
    }
    if (notice.connected) {
        call_->is_connected = true;
        call_->audio_deadline.reset();
    } else if (call_->phase == Phase::Established && !call_->is_connected) {
        fall_back(now, out);
    }
}

void Side::handle_answer(Instant now, CommandId id, const CommandAnswer& answer, SideOutputs& out) {
    const auto found = waiting_.find(id);
    if (found == waiting_.end()) {
        return;
    }
    const Waiting waiting = found->second;
    waiting_.erase(found);
    if (call_ && waiting.call == call_number_) {
        return answered(now, waiting.kind, answer, out);
    }
    // The PBX gave up before the page had begun.
    if (waiting.kind == CommandKind::Place && !answer.call.empty()) {
        tell(now,
             {.kind = CommandKind::HangUp,
              .call = answer.call,
              .number = {},
              .digits = {},
              .sdp = {}},
             out);
    }
}

void Side::answered(Instant now, CommandKind kind, const CommandAnswer& answer, SideOutputs& out) {
    const std::string words = printable(answer.error);
    switch (kind) {
        case CommandKind::Place: return placed(now, answer, out);
        case CommandKind::OfferAudio:
        case CommandKind::AnswerAudio: return described(now, answer, out);
        case CommandKind::Accept:
            if (!words.empty()) {
                note_error(now, "the page does not accept the call: " + words);
                return hang_up(now, words, out);
            }
            call_->phase = Phase::Established;
            call_->deadline.reset();
            if (!call_->is_connected) {
                call_->audio_deadline = now + kAudioTime;
            }
            return;
        case CommandKind::TakeAnswer:
            if (!words.empty()) {
                note_error(now, "the page does not take the audio: " + words);
                hang_up(now, words, out);
            }
            return;
        case CommandKind::SendKeys:
        case CommandKind::PressKeys:
            if (!words.empty()) {
                note_error(now, "keys were not pressed: " + words);
            }
            return;
        case CommandKind::Reject:
        case CommandKind::HangUp:
        case CommandKind::CloseAudio: return;
    }
}

void Side::placed(Instant now, const CommandAnswer& answer, SideOutputs& out) {
    if (answer.call.empty()) {
        const std::string words =
            answer.error.empty() ? "the page has not begun the call" : printable(answer.error);
        const int status = status_of(answer.reason);
        if (status == 503) {
            note_error(now, "the page refused a call: " + words);
        }
        return refuse(now, call_->handle, status, words, out);
    }
    call_->id = answer.call;
}

// The page's description is there: the first, or that of another way.
void Side::described(Instant now, const CommandAnswer& answer, SideOutputs& out) {
    if (answer.sdp.empty()) {
        const std::string words = "the page has no audio: " + printable(answer.error);
        note_error(now, words);
        return hang_up(now, words, out);
    }
    GatewayOutputs gateway;
    if (!call_->from_page && call_->phase == Phase::Ringing) {
        call_->answer = answer.sdp;
        return answer_pbx(now, out);
    }
    if (call_->phase != Phase::Offering) {
        gateway_.offer_again(now, call_->handle, answer.sdp, gateway);
        return take(now, gateway, out);
    }
    call_->phase = Phase::Ringing;
    call_->handle = gateway_.call_pbx(
        now,
        {.number = call_->number,
         .name = call_->name,
         .callee = ready_ && !ready_->number.empty() ? ready_->number : settings_.bridge,
         .offer = answer.sdp,
         .headers = {}},
        gateway);
    take(now, gateway, out);
}

void Side::tell(Instant now, CommandKind kind, SideOutputs& out) {
    tell(now, {.kind = kind, .call = call_ ? call_->id : "", .number = {}, .digits = {}, .sdp = {}},
         out);
}

void Side::tell(Instant now, Command command, SideOutputs& out) {
    if (waiting_.size() == kWaiting) {
        waiting_.erase(waiting_.begin());
    }
    command.way = way_;
    const CommandId id = next_command_++;
    waiting_[id] = {command.kind, call_ ? call_number_ : 0, now + kCommandTime};
    out.commands.push_back({id, std::move(command)});
}

// To the page, of a call that ends here. What has no name yet is told when it has one.
void Side::tell_of_end(Instant now, SideOutputs& out) {
    if (!call_->id.empty()) {
        const bool rejects =
            call_->from_page && (call_->phase == Phase::Offering || call_->phase == Phase::Ringing);
        tell(now, rejects ? CommandKind::Reject : CommandKind::HangUp, out);
    }
}

void Side::forget(Instant now, SideOutputs& out) {
    tell(now, CommandKind::CloseAudio, out);
    call_.reset();
}

}  // namespace patchbay::bridge::page
