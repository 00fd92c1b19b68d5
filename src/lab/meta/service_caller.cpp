// SPDX-License-Identifier: Apache-2.0
// A WhatsApp user calls the business.
#include "base/text.hpp"
#include "lab/meta/service.hpp"

#include <fmt/format.h>

#include <utility>

namespace patchbay::lab::meta {
namespace {

std::uint32_t sequence_of(const sip::Message& message) {
    return parse_number<std::uint32_t>(split_once(value_of(message, "CSeq"), ' ').first)
        .value_or(0);
}

}  // namespace

// `user`: a number, or, of one who shows none, a business-scoped id.
void Service::call(Instant now,
                   ConnectionNumber connection,
                   std::string_view user,
                   ServiceOutputs& out) {
    auto media = open_media(now, true);
    if (!media) {
        out.notes.emplace_back(note::Problem{wall(now), describe(media.error())});
        return;
    }
    const std::string id = "wacid." + around_.random.token(20);
    Call call{
        .talk = {.id = id}, .call_id = "outgoing:" + id, .ours = true, .connection = connection};
    call.local_party = fmt::format("<sip:{}@{}>;tag={}", user, account_.host, tag_);
    call.remote_party = fmt::format("<sip:{}@{};transport=tls>", account_.number, account_.domain);
    call.remote_target = uri_in(call.remote_party);
    call.talk.media = *std::move(media);
    latest_ = call.call_id;
    Call& placed = calls_.insert_or_assign(latest_, std::move(call)).first->second;
    send_invite(placed, {}, out);
}

void Service::send_invite(Call& call, const Lines& proof, ServiceOutputs& out) {
    Lines lines = dialog_lines(call, "INVITE", call.sequence);
    for (const std::string& route : record_routes(account_, true)) {
        lines.push_back("Record-Route: " + route);
    }
    lines.push_back("X-FB-External-Domain: wa.meta.vc");
    lines.push_back("x-wa-meta-wacid: " + call.talk.id);
    lines.push_back("x-wa-meta-user-name: A User");
    lines.insert(lines.end(), proof.begin(), proof.end());
    const std::string text =
        request_text("INVITE", call.remote_target, lines, call.talk.media->offer());
    if (auto sent = sip::Message::parse(std::string_view(text))) {
        call.invite = *std::move(sent);
    }
    out.sends.push_back({call.connection, text});
}

void Service::handle_response(Instant now, const sip::Message& response, ServiceOutputs& out) {
    const auto found = calls_.find(value_of(response, "Call-ID"));
    if (found == calls_.end() || response.method() != sip::Method::Invite ||
        sequence_of(response) != found->second.sequence) {
        return;
    }
    Call& call = found->second;
    if (response.status() >= 200) {
        return handle_final(now, call, response, out);
    }
    if (!response.body().empty()) {
        return break_off(now, call, "early-media", out);
    }
    if (response.status() > 100 && call.state == State::Calling) {
        call.state = State::Ringing;
        out.notes.emplace_back(note::Ringing{wall(now), call.talk.id});
    }
}

void Service::handle_final(Instant now,
                           Call& call,
                           const sip::Message& response,
                           ServiceOutputs& out) {
    if (call.state == State::Talking) {
        return acknowledge(call, response, out);  // a 2xx once more
    }
    call.remote_party = value_of(response, "To");
    if (response.status() >= 300) {
        acknowledge(call, response, out);
        if (!call.proved && (response.status() == 401 || response.status() == 407) &&
            prove(call, response, out)) {
            return;
        }
        out.notes.emplace_back(note::Rejected{wall(now), call.talk.id, response.status()});
        return end(now, call.call_id, call.canceled ? "user" : "business", out);
    }
    call.remote_target = uri_in(value_of(response, "Contact"));
    acknowledge(call, response, out);
    call.state = State::Talking;
    call.talk.answered_at = now;
    if (!holds(response, "Record-Route", record_routes(account_, true))) {
        return break_off(now, call, "record-route", out);
    }
    if (response.header("Session-Expires")) {
        return break_off(now, call, "session-timer", out);
    }
    if (call.canceled) {
        say_bye(now, call, {}, out);
        return end(now, call.call_id, "user", out);
    }
    if (!call.talk.media->apply_answer(now, response.body())) {
        return break_off(now, call, "sdp", out);
    }
    call.talk.media->begin(now);
    out.notes.emplace_back(note::Answered{wall(now), call.talk.id});
}

// RFC 8760: the first challenge whose algorithm is ours.
bool Service::prove(Call& call, const sip::Message& response, ServiceOutputs& out) {
    const bool proxy = response.status() == 407;
    const std::string_view asked = proxy ? "Proxy-Authenticate" : "WWW-Authenticate";
    for (std::size_t i = 0; i < response.field_count(); ++i) {
        if (!equals_ignoring_case(response.field(i).name, asked)) {
            continue;
        }
        DigestFields fields = read_digest(response.field(i).value);
        const std::string algorithm =
            fields.contains("algorithm") ? fields["algorithm"] : std::string("MD5");
        if (!equals_ignoring_case(algorithm, to_string(account_.algorithm))) {
            continue;
        }
        const std::string user = account_.number.substr(1);
        const std::string client_nonce = around_.random.token(16);
        const std::string proof = digest_response({.algorithm = account_.algorithm,
                                                   .user = user,
                                                   .realm = fields["realm"],
                                                   .password = account_.password.reveal(),
                                                   .method = "INVITE",
                                                   .uri = call.remote_target,
                                                   .nonce = fields["nonce"],
                                                   .client_nonce = client_nonce});
        std::string line = fmt::format(
            "{}: Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{}\", "
            "algorithm={}, cnonce=\"{}\", qop=auth, nc=00000001",
            proxy ? "Proxy-Authorization" : "Authorization", user, fields["realm"], fields["nonce"],
            call.remote_target, proof, to_string(account_.algorithm), client_nonce);
        if (fields.contains("opaque")) {
            line += fmt::format(", opaque=\"{}\"", fields["opaque"]);
        }
        call.proved = true;
        ++call.sequence;
        call.remote_party =
            fmt::format("<sip:{}@{};transport=tls>", account_.number, account_.domain);
        send_invite(call, {line}, out);
        return true;
    }
    return false;
}

// RFC 3261 17.1.1.3 for a refusal, 13.2.2.4 for a 2xx: the same lines, but for branch and target.
void Service::acknowledge(Call& call, const sip::Message& response, ServiceOutputs& out) {
    Lines lines = dialog_lines(call, "ACK", call.sequence);
    if (response.status() >= 300) {
        lines.front() = "Via: " + value_of(*call.invite, "Via");
    }
    out.sends.push_back({call.connection, request_text("ACK", call.remote_target, lines)});
}

}  // namespace patchbay::lab::meta
