// SPDX-License-Identifier: Apache-2.0
// What the business asks of the Graph API, and the rules that it meets there.
#include "base/text.hpp"
#include "lab/meta/graph_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace patchbay::lab::meta {
namespace {

constexpr int kWrongParameter = 100;
constexpr int kWrongToken = 190;
constexpr int kUncallable = 138001;
constexpr int kSecondCall = 138003;
constexpr int kNoPermission = 138006;

constexpr std::size_t kOpaqueText = 512;
constexpr int kForbidden = 403;
constexpr int kWrongRequest = 400;

bool is_number(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_digit);
}

// RFC 8866 5: lines end in CRLF.
bool has_right_line_ends(std::string_view sdp) {
    for (std::size_t at = sdp.find('\n'); at != std::string_view::npos;
         at = sdp.find('\n', at + 1)) {
        if (at == 0 || sdp[at - 1] != '\r') {
            return false;
        }
    }
    return sdp.ends_with("\r\n");
}

}  // namespace

GraphReply GraphService::handle_request(Instant now,
                                        const GraphRequest& request,
                                        GraphOutputs& out) {
    if (request.authorization != "Bearer " + account_.access_token.reveal()) {
        constexpr int kUnauthorized = 401;
        out.notes.emplace_back(note::Refused{wall(now), kUnauthorized, "token", request.path});
        return {kUnauthorized,
                graph::error_text(kWrongToken, "Error validating access token: it has expired")};
    }
    const std::string number = "/" + account_.number_id;
    if (!request.posts && request.path.ends_with(number)) {
        return {.body = graph::number_text(account_.number_id)};
    }
    const auto action = graph::read_action(request.body);
    if (!request.posts || !request.path.ends_with(number + "/calls") || !action) {
        out.notes.emplace_back(note::Refused{wall(now), kWrongRequest, "path", request.path});
        return {kWrongRequest, graph::error_text(kWrongParameter, "Unsupported request")};
    }
    return act(now, *action, out);
}

// The first rule that the request does not keep; nothing: it keeps them.
std::optional<std::string> GraphService::broken_rule(const graph::ActionRequest& action) const {
    if (action.messaging_product != "whatsapp") {
        return "messaging-product";
    }
    const bool offers = action.action == "connect";
    if (!offers && action.action != "pre_accept" && action.action != "accept") {
        return std::nullopt;
    }
    if (offers && !is_number(action.to)) {
        return "to";
    }
    if (action.opaque.size() > kOpaqueText) {
        return "opaque";
    }
    if (action.sdp_type != (offers ? "offer" : "answer")) {
        return "sdp-type";
    }
    if (!has_right_line_ends(action.sdp)) {
        return "line-ends";
    }
    if (const auto refusal = judge_offer(action.sdp, account_.users)) {
        return refusal->rule;
    }
    // The business is the DTLS client where it answers.
    const std::string_view setup = offers ? "a=setup:actpass" : "a=setup:active";
    return action.sdp.find(setup) == std::string::npos ? std::optional<std::string>("setup")
                                                       : std::nullopt;
}

GraphReply GraphService::refuse(Instant now,
                                const graph::ActionRequest& action,
                                int code,
                                std::string rule,
                                GraphOutputs& out) {
    const int status = code == kNoPermission ? kForbidden : kWrongRequest;
    out.notes.emplace_back(note::Refused{wall(now), status, rule, action.action});
    return {status, graph::error_text(code, fmt::format("(#{}) {}", code, rule))};
}

GraphReply GraphService::act(Instant now, const graph::ActionRequest& action, GraphOutputs& out) {
    if (auto rule = broken_rule(action)) {
        return refuse(now, action, kWrongParameter, *std::move(rule), out);
    }
    if (action.action == "connect") {
        return connect(now, action, out);
    }
    const auto found = calls_.find(action.call_id);
    if (found == calls_.end()) {
        return refuse(now, action, kWrongParameter, "unknown-call", out);
    }
    Call& call = found->second;
    out.notes.emplace_back(note::Action{wall(now), call.talk.id, action.action});
    if (action.action == "pre_accept" || action.action == "accept") {
        return accept(now, call, action, out);
    }
    const bool rejects = action.action == "reject";
    if (!rejects && action.action != "terminate") {
        return refuse(now, action, kWrongParameter, "action", out);
    }
    if (rejects && (!call.ours || call.state != State::Ringing)) {
        return refuse(now, action, kWrongParameter, "reject", out);
    }
    end(now, action.call_id, "business", 0, out);
    return {.body = graph::success_text()};
}

GraphReply GraphService::connect(Instant now,
                                 const graph::ActionRequest& action,
                                 GraphOutputs& out) {
    if (refusal_ != 0) {
        return refuse(now, action, refusal_, "as-told", out);
    }
    const Account& users = account_.users;
    const std::string user = "+" + action.to;
    if (!users.users.empty() && std::ranges::find(users.users, user) == users.users.end()) {
        return refuse(now, action, kUncallable, "unknown-user", out);
    }
    if (std::ranges::any_of(calls_,
                            [&](const auto& one) { return one.second.user == action.to; })) {
        return refuse(now, action, kSecondCall, "second-call", out);
    }
    auto opened = open_call(now, user, false);
    if (!opened) {
        return refuse(now, action, kWrongParameter, describe(opened.error()), out);
    }
    opened->offer = action.sdp;
    opened->opaque = action.opaque;
    opened->due = now + users.answer_after.value_or(users.ring_time);
    latest_ = opened->talk.id;
    const Call& call = calls_.emplace(latest_, *std::move(opened)).first->second;
    out.notes.emplace_back(note::Called{wall(now), latest_, user});
    if (!account_.reversed) {
        say_status(now, call, "RINGING", out);
    }
    return {.body = graph::created_text(latest_)};
}

// The transport begins with the first of the two, and the call with `accept`.
GraphReply GraphService::accept(Instant now,
                                Call& call,
                                const graph::ActionRequest& action,
                                GraphOutputs& out) {
    if (!call.ours || call.state != State::Ringing) {
        return refuse(now, action, kWrongParameter, "not-ringing", out);
    }
    if (!call.answer.empty() && call.answer != action.sdp) {
        return refuse(now, action, kWrongParameter, "another-description", out);
    }
    if (call.answer.empty()) {
        if (!call.talk.media->apply_answer(now, action.sdp)) {
            return refuse(now, action, kWrongParameter, "sdp", out);
        }
        call.answer = action.sdp;
    }
    if (action.action == "accept") {
        enter_talking(now, call, out);
    } else {
        out.notes.emplace_back(note::Ringing{wall(now), call.talk.id});
    }
    return {.body = graph::success_text()};
}

}  // namespace patchbay::lab::meta
