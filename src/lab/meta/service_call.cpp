// SPDX-License-Identifier: Apache-2.0
// A call that stands, whoever began it: audio, time, commands and the end.
#include "lab/meta/service.hpp"

#include <fmt/format.h>

#include <utility>

namespace patchbay::lab::meta {

Result<std::unique_ptr<Media>> Service::open_media(Instant now, bool offers) {
    PB_TRY(const call::RtpEndpoint endpoint, around_.open_port());
    return std::make_unique<Media>(
        now, around_.wall, endpoint,
        Media::Settings{.account = account_, .dtls = around_.dtls, .offers = offers},
        around_.random);
}

Lines Service::dialog_lines(const Call& call, std::string_view method, std::uint32_t sequence) {
    return {fmt::format("Via: SIP/2.0/TLS {}:{};branch=z9hG4bK{};alias", account_.host,
                        account_.port, around_.random.token(16)),
            "From: " + call.local_party,
            "To: " + call.remote_party,
            "Call-ID: " + call.call_id,
            fmt::format("CSeq: {} {}", sequence, method),
            fmt::format("Contact: <sip:{}:{};transport=tls>", account_.host, account_.port)};
}

void Service::say_bye(Instant now, Call& call, std::string_view reason, ServiceOutputs& out) {
    Lines lines = dialog_lines(call, "BYE", ++call.sequence);
    lines.push_back("x-wa-meta-wacid: " + call.talk.id);
    const auto talked =
        std::chrono::duration_cast<Seconds>(now - call.talk.answered_at.value_or(now)).count();
    lines.push_back(fmt::format("x-wa-meta-call-duration: {}", talked));
    if (!reason.empty()) {
        lines.push_back(fmt::format("Reason: {}", reason));
    }
    out.sends.push_back({call.connection, request_text("BYE", call.remote_target, lines)});
}

void Service::break_off(Instant now, Call& call, const std::string& rule, ServiceOutputs& out) {
    out.notes.emplace_back(note::Broken{wall(now), call.talk.id, rule});
    if (call.talk.answered_at) {
        const bool silent = rule == "silence" || rule == "first-packet";
        say_bye(now, call,
                silent ? std::string("SIP ;cause=408 ;text=\"RTP timeout\"")
                       : fmt::format("SIP ;cause=403 ;text=\"{}\"", rule),
                out);
    } else if (!call.ours) {
        return decline(now, call, 403, out);
    }
    end(now, call.call_id, "meta", out);
}

void Service::end(Instant now,
                  const std::string& call_id,
                  std::string_view by,
                  ServiceOutputs& out) {
    auto ended = calls_.extract(call_id);
    if (!ended) {
        return;
    }
    const Call& call = ended.mapped();
    out.closed.push_back(call.talk.media->port());
    out.notes.emplace_back(ended_note(wall(now), now, call.talk, by));
}

void Service::follow(Instant now, Call& call, const MediaEvents& events, ServiceOutputs& out) {
    tell(wall(now), call.talk, events, out.notes);
    if (events.broken) {
        break_off(now, call, *events.broken, out);
    }
}

void Service::handle_rtp(Instant now,
                         call::RtpPort port,
                         const SocketAddress& from,
                         ByteView packet,
                         ServiceOutputs& out) {
    for (auto& [id, call] : calls_) {
        if (call.talk.media->port() == port) {
            MediaEvents events;
            call.talk.media->handle_packet(now, from, packet, events);
            return follow(now, call, events, out);
        }
    }
}

void Service::tick(Instant now, ServiceOutputs& out) {
    for (auto it = calls_.begin(); it != calls_.end();) {
        Call& call = (it++)->second;
        if (call.due && *call.due <= now) {
            call.due.reset();
            if (call.state == State::Answered) {
                break_off(now, call, "ack", out);
            } else if (account_.answer_after) {
                accept(now, call, out);
            } else {
                decline(now, call, 480, out);
            }
            continue;
        }
        MediaEvents events;
        call.talk.media->handle_timeout(now, events);
        call.talk.media->tick(now, events);
        follow(now, call, events, out);
    }
}

Service::Call* Service::latest() {
    const auto found = calls_.find(latest_);
    return found == calls_.end() ? nullptr : &found->second;
}

void Service::answer(Instant now, ServiceOutputs& out) {
    if (Call* const call = latest();
        call != nullptr && !call->ours && call->state == State::Ringing) {
        accept(now, *call, out);
    }
}

void Service::reject(Instant now, int status, ServiceOutputs& out) {
    if (Call* const call = latest()) {
        decline(now, *call, status, out);
    }
}

void Service::press(Instant now, std::string_view digits, ServiceOutputs& out) {
    Call* const call = latest();
    if (call != nullptr && call->talk.answered_at && !call->talk.media->press(digits)) {
        out.notes.emplace_back(note::Problem{wall(now), "keys are 0-9 * # A-D"});
    }
}

void Service::hang_up(Instant now, ServiceOutputs& out) {
    Call* const call = latest();
    if (call == nullptr) {
        return;
    }
    if (call->talk.answered_at) {
        say_bye(now, *call, {}, out);
        return end(now, call->call_id, "user", out);
    }
    if (!call->ours) {
        return decline(now, *call, 486, out);
    }
    call->canceled = true;
    Lines lines = dialog_lines(*call, "CANCEL", call->sequence);
    lines.front() = "Via: " + value_of(*call->invite, "Via");
    lines[2] = "To: " + value_of(*call->invite, "To");
    out.sends.push_back({call->connection, request_text("CANCEL", call->remote_target, lines)});
}

}  // namespace patchbay::lab::meta
