// SPDX-License-Identifier: Apache-2.0
// Users, their calls and what webhooks say of them.
#include "lab/meta/graph_service.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::lab::meta {
namespace {

// 138021: no media of the business; what else ends a call that was answered is of its media as
// well.
constexpr int kNoMedia = 138021;
constexpr int kSetUpFailed = 138019;

std::string without_plus(std::string_view user) {
    return std::string(user.starts_with('+') ? user.substr(1) : user);
}

}  // namespace

GraphService::GraphService(GraphAccount account, Surroundings around)
    : account_(std::move(account)), around_(std::move(around)) {
    account_.users.key_exchange = KeyExchange::Dtls;
}

Result<GraphService::Call> GraphService::open_call(Instant now, std::string_view user, bool ours) {
    PB_TRY(const call::RtpEndpoint endpoint, around_.open_port());
    auto media = std::make_unique<Media>(
        now, around_.wall, endpoint,
        Media::Settings{.account = account_.users, .dtls = around_.dtls, .offers = ours},
        around_.random);
    Call call{.talk = {.id = "wacid." + around_.random.token(20), .media = std::move(media)},
              .user = without_plus(user),
              .ours = ours};
    return call;
}

void GraphService::call(Instant now, std::string_view user, GraphOutputs& out) {
    auto opened = open_call(now, user, true);
    if (!opened) {
        out.notes.emplace_back(note::Problem{wall(now), describe(opened.error())});
        return;
    }
    opened->due = now + account_.users.ring_time;
    latest_ = opened->talk.id;
    const Call& call = calls_.emplace(latest_, *std::move(opened)).first->second;
    out.webhooks.push_back({"connect", graph::connect_text(account_, news_of(call),
                                                           call.talk.media->offer(), wall(now))});
}

graph::CallNews GraphService::news_of(const Call& call) const {
    return {.id = call.talk.id, .user = call.user, .opaque = call.opaque, .user_calls = call.ours};
}

void GraphService::say_status(Instant now,
                              const Call& call,
                              std::string_view status,
                              GraphOutputs& out) {
    out.webhooks.push_back(
        {to_lower(status), graph::status_text(account_, news_of(call), status, wall(now))});
}

void GraphService::enter_talking(Instant now, Call& call, GraphOutputs& out) {
    call.state = State::Talking;
    call.due.reset();
    call.talk.answered_at = now;
    call.talk.media->begin(now);
    out.notes.emplace_back(note::Answered{wall(now), call.talk.id});
}

// The user whom the business calls answers.
void GraphService::answer(Instant now, GraphOutputs& out) {
    Call* const call = latest();
    if (call == nullptr || call->ours || call->state != State::Ringing) {
        return;
    }
    const auto sdp = call->talk.media->answer(now, call->offer);
    if (!sdp) {
        return break_off(now, *call, "sdp", out);
    }
    enter_talking(now, *call, out);
    if (account_.reversed) {
        say_status(now, *call, "ACCEPTED", out);
    }
    out.webhooks.push_back(
        {"connect", graph::connect_text(account_, news_of(*call), *sdp, wall(now))});
    say_status(now, *call, account_.reversed ? "RINGING" : "ACCEPTED", out);
}

void GraphService::reject(Instant now, int status, GraphOutputs& out) {
    Call* const call = latest();
    if (call == nullptr || call->state != State::Ringing) {
        return;
    }
    constexpr int kBusy = 486;
    constexpr int kDeclined = 603;
    if (!call->ours && (status == kBusy || status == kDeclined)) {
        say_status(now, *call, "REJECTED", out);
    }
    end(now, call->talk.id, "user", 0, out);
}

void GraphService::press(Instant now, std::string_view digits, GraphOutputs& out) {
    Call* const call = latest();
    if (call != nullptr && call->talk.answered_at && !call->talk.media->press(digits)) {
        out.notes.emplace_back(note::Problem{wall(now), "keys are 0-9 * # A-D"});
    }
}

void GraphService::hang_up(Instant now, GraphOutputs& out) {
    Call* const call = latest();
    if (call == nullptr) {
        return;
    }
    if (call->state == State::Ringing) {
        constexpr int kDeclined = 603;
        return reject(now, kDeclined, out);
    }
    end(now, call->talk.id, "user", 0, out);
}

void GraphService::break_off(Instant now, Call& call, const std::string& rule, GraphOutputs& out) {
    out.notes.emplace_back(note::Broken{wall(now), call.talk.id, rule});
    end(now, call.talk.id, "meta", call.talk.answered_at ? kNoMedia : kSetUpFailed, out);
}

// Meta tells the end to whoever brought it about as well.
void GraphService::end(
    Instant now, const std::string& id, std::string_view by, int error, GraphOutputs& out) {
    const auto ended = calls_.extract(id);
    if (!ended) {
        return;
    }
    const Call& call = ended.mapped();
    out.closed.push_back(call.talk.media->port());
    out.notes.emplace_back(ended_note(wall(now), now, call.talk, by));
    later_.push_back(
        {now + account_.late_end,
         {"terminate", graph::terminate_text(account_, news_of(call), error, wall(now))}});
    if (account_.late_end == Milliseconds(0)) {
        out.webhooks.push_back(std::move(later_.back().webhook));
        later_.pop_back();
    }
}

void GraphService::follow(Instant now, Call& call, const MediaEvents& events, GraphOutputs& out) {
    tell(wall(now), call.talk, events, out.notes);
    if (events.broken) {
        break_off(now, call, *events.broken, out);
    }
}

void GraphService::handle_rtp(Instant now,
                              call::RtpPort port,
                              const SocketAddress& from,
                              ByteView packet,
                              GraphOutputs& out) {
    for (auto& [id, call] : calls_) {
        if (call.talk.media->port() == port) {
            MediaEvents events;
            call.talk.media->handle_packet(now, from, packet, events);
            return follow(now, call, events, out);
        }
    }
}

void GraphService::tick(Instant now, GraphOutputs& out) {
    const auto due = std::ranges::partition(later_, [&](const Later& one) { return one.at > now; });
    for (Later& one : due) {
        out.webhooks.push_back(std::move(one.webhook));
    }
    later_.erase(due.begin(), due.end());
    for (auto it = calls_.begin(); it != calls_.end();) {
        Call& call = (it++)->second;
        if (call.due && *call.due <= now) {
            call.due.reset();
            latest_ = call.talk.id;
            if (!call.ours && account_.users.answer_after) {
                answer(now, out);
            } else {
                end(now, call.talk.id, "user", 0, out);
            }
            continue;
        }
        MediaEvents events;
        call.talk.media->handle_timeout(now, events);
        call.talk.media->tick(now, events);
        follow(now, call, events, out);
    }
}

GraphService::Call* GraphService::latest() {
    const auto found = calls_.find(latest_);
    return found == calls_.end() ? nullptr : &found->second;
}

}  // namespace patchbay::lab::meta
