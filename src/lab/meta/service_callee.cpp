// SPDX-License-Identifier: Apache-2.0
// The business calls a WhatsApp user.
#include "lab/meta/service.hpp"

#include <fmt/format.h>

#include <utility>

namespace patchbay::lab::meta {
namespace {

// RFC 3261 13.3.1.4: 64*T1 without an ACK.
constexpr Seconds kAckTime{32};

}  // namespace

void Service::take_invite(Instant now,
                          ConnectionNumber from,
                          sip::Message invite,
                          ServiceOutputs& out) {
    reply(from, invite, {.status = 100}, out);
    const std::string call_id = value_of(invite, "Call-ID");
    Call call{.talk = {.id = "wacid." + around_.random.token(20)},
              .call_id = call_id,
              .state = State::Ringing,
              .ours = false,
              .connection = from,
              .invite = std::move(invite)};
    call.local_party = value_of(*call.invite, "To") + ";tag=" + tag_;
    call.remote_party = value_of(*call.invite, "From");
    call.remote_target = uri_in(value_of(*call.invite, "Contact"));
    auto media = open_media(now, false);
    if (!media) {
        out.notes.emplace_back(note::Problem{wall(now), describe(media.error())});
        return reply(from, *call.invite, {.status = 500}, out);
    }
    call.talk.media = *std::move(media);
    call.due = now + account_.answer_after.value_or(account_.ring_time);
    out.notes.emplace_back(
        note::Called{wall(now), call.talk.id, uri_in(value_of(*call.invite, "To"))});
    reply(
        from, *call.invite,
        {.status = 180, .headers = {fmt::format("Contact: <sip:{};transport=tls>", account_.host)}},
        out);
    latest_ = call_id;
    calls_.insert_or_assign(call_id, std::move(call));
}

void Service::accept(Instant now, Call& call, ServiceOutputs& out) {
    const auto sdp = call.talk.media->answer(now, call.invite->body());
    if (!sdp) {
        return decline(now, call, 403, out);
    }
    Lines headers;
    for (const std::string& route : record_routes(account_, false)) {
        headers.push_back("Record-Route: " + route);
    }
    headers.push_back(
        fmt::format("Contact: <sip:{}:{};transport=tls>", account_.host, account_.port));
    reply(call.connection, *call.invite, {.headers = std::move(headers), .sdp = *sdp}, out);
    call.state = State::Answered;
    call.talk.answered_at = now;
    call.talk.media->begin(now);
    call.due = now + kAckTime;
    out.notes.emplace_back(note::Answered{wall(now), call.talk.id});
}

// With whatever status the INVITE is still to be answered.
void Service::decline(Instant now, Call& call, int status, ServiceOutputs& out) {
    if (call.ours || call.state != State::Ringing) {
        return;
    }
    reply(call.connection, *call.invite, {.status = status}, out);
    end(now, call.call_id, call.canceled ? "business" : "user", out);
}

}  // namespace patchbay::lab::meta
