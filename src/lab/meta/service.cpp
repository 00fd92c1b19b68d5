// SPDX-License-Identifier: Apache-2.0
// What comes in by a connection, and the rules that it meets first.
#include "lab/meta/service.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <utility>

namespace patchbay::lab::meta {

Service::Service(Account account, Surroundings around)
    : account_(std::move(account)),
      around_(std::move(around)),
      tag_(around_.random.token(12)),
      nonce_(around_.random.token(24)),
      opaque_(around_.random.token(16)) {}

void Service::handle_message(Instant now,
                             ConnectionNumber connection,
                             std::string_view message,
                             ServiceOutputs& out) {
    auto parsed = sip::Message::parse(message);
    if (!parsed || parsed->defect()) {
        out.notes.emplace_back(note::Problem{wall(now), "a message that is no SIP"});
    } else if (parsed->is_request()) {
        handle_request(now, connection, *std::move(parsed), out);
    } else {
        handle_response(now, *parsed, out);
    }
}

// Calls live as long as their connection: what a business says later comes by another one.
void Service::handle_closed(Instant now, ConnectionNumber connection, ServiceOutputs& out) {
    for (auto it = calls_.begin(); it != calls_.end();) {
        auto& [id, call] = *it++;
        if (call.connection == connection && call.state == State::Calling) {
            end(now, std::string(id), "business", out);
        }
    }
}

void Service::handle_request(Instant now,
                             ConnectionNumber from,
                             sip::Message request,
                             ServiceOutputs& out) {
    const auto found = calls_.find(value_of(request, "Call-ID"));
    if (found != calls_.end() &&
        (!tag_of(request, "To").empty() || request.method() == sip::Method::Cancel)) {
        return handle_within(now, from, found->second, request, out);
    }
    if (request.method() == sip::Method::Ack) {
        return;  // of a refusal
    }
    if (const auto refusal = judge_new(request, account_)) {
        return refuse(request, from, *refusal, now, out);
    }
    if (const auto refusal = judge_proof(request)) {
        return refuse(request, from, *refusal, now, out);
    }
    if (const auto refusal = judge_offer(request.body(), account_)) {
        return refuse(request, from, *refusal, now, out);
    }
    take_invite(now, from, std::move(request), out);
}

// Meta's documentation: whoever does not follow the route set is answered 404.
void Service::handle_within(Instant now,
                            ConnectionNumber from,
                            Call& call,
                            const sip::Message& request,
                            ServiceOutputs& out) {
    if (request.method() == sip::Method::Cancel) {
        call.canceled = true;
        reply(from, request, {.status = 200}, out);
        return decline(now, call, 487, out);
    }
    const bool routed = holds(request, "Route", record_routes(account_, true));
    if (!routed) {
        return request.method() == sip::Method::Ack
                   ? break_off(now, call, "route", out)
                   : refuse(request, from, {404, "route", {}}, now, out);
    }
    if (request.method() == sip::Method::Ack) {
        if (call.state == State::Answered) {
            call.state = State::Talking;
            call.due.reset();
        }
        return;
    }
    if (request.method() != sip::Method::Bye) {
        return refuse(request, from, judge_within(request), now, out);
    }
    reply(from, request, {.status = 200}, out);
    end(now, call.call_id, "business", out);
}

void Service::refuse(const sip::Message& request,
                     ConnectionNumber to,
                     const Refusal& refusal,
                     Instant now,
                     ServiceOutputs& out) {
    Lines headers;
    if (!refusal.warning.empty()) {
        headers.push_back(fmt::format("Warning: 399 {} \"{}\"", account_.host, refusal.warning));
    }
    if (refusal.status == 407) {
        headers.push_back(challenge());
    } else {
        out.notes.emplace_back(note::Refused{wall(now), refusal.status, refusal.rule,
                                             std::string(request.method_name())});
    }
    reply(to, request, {.status = refusal.status, .headers = std::move(headers)}, out);
}

void Service::reply(ConnectionNumber to,
                    const sip::Message& request,
                    Reply reply,
                    ServiceOutputs& out) const {
    reply.to_tag = tag_;
    out.sends.push_back({to, response_text(request, reply)});
}

std::string Service::challenge() {
    return fmt::format(
        "Proxy-Authenticate: Digest realm=\"{}\", nonce=\"{}\", opaque=\"{}\", algorithm={}, "
        "qop=\"auth\"",
        account_.host, nonce_, opaque_, to_string(account_.algorithm));
}

// The user is the number without plus, whatever From says.
std::optional<Refusal> Service::judge_proof(const sip::Message& request) {
    const auto header = request.header("Proxy-Authorization");
    if (!header) {
        return Refusal{407, "proof", {}};
    }
    DigestFields fields = read_digest(*header);
    const std::string user = account_.number.substr(1);
    const std::string expected = digest_response({.algorithm = account_.algorithm,
                                                  .user = user,
                                                  .realm = account_.host,
                                                  .password = account_.password.reveal(),
                                                  .method = request.method_name(),
                                                  .uri = request.request_uri(),
                                                  .nonce = nonce_,
                                                  .count = fields["nc"],
                                                  .client_nonce = fields["cnonce"]});
    const std::string algorithm = fields.contains("algorithm") ? fields["algorithm"] : "MD5";
    if (fields["scheme"] != "Digest" || fields["username"] != user) {
        return Refusal{403, "digest-user", "The digest user is not the business number"};
    }
    const bool right = fields["response"] == expected && fields["qop"] == "auth" &&
                       fields["opaque"] == opaque_ && fields["uri"] == request.request_uri() &&
                       equals_ignoring_case(algorithm, to_string(account_.algorithm));
    return right ? std::nullopt : std::optional(Refusal{403, "password", "Authentication failed"});
}

}  // namespace patchbay::lab::meta
