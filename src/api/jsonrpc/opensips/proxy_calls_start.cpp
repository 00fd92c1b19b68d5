// SPDX-License-Identifier: Apache-2.0
// CallStart by a proxy: it calls the caller, and then asks his phone to call the callee.
#include "api/jsonrpc/opensips/limits.hpp"
#include "api/jsonrpc/opensips/proxy_calls.hpp"
#include "base/text.hpp"

#include <utility>

namespace patchbay::api::jsonrpc::opensips {
namespace {

// An offer that asks for silence (RFC 3725 4.3): the phone is about to be transferred.
constexpr std::string_view kBlackHole =
    "v=0\r\n"
    "o=click-to-dial 0 0 IN IP4 0.0.0.0\r\n"
    "s=session\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "t=0 0\r\n"
    "m=audio 9 RTP/AVP 0\r\n"
    "a=rtpmap:0 PCMU/8000\r\n";

// The header's whole line in the text of a message.
std::string header_line(std::string_view message, std::string_view name) {
    while (!message.empty()) {
        const auto [line, rest] = split_once(message, '\n');
        if (starts_with_ignoring_case(line, name) && line.substr(name.size()).starts_with(':')) {
            return std::string(trim(line)) + "\r\n";
        }
        message = rest;
    }
    return {};
}

std::string angle_brackets(const std::string& name, const std::string& uri) {
    return (name.empty() ? "" : "\"" + name + "\" ") + "<" + uri + ">";
}

}  // namespace

void ProxyCalls::invite_caller(Instant now, CommandKey key, ProxyOutputs& out) {
    Running& running = running_.at(key);
    const CallStart& start = std::get<CallStart>(running.command);
    const Nanoseconds ring =
        start.timeout ? Nanoseconds(start.timeout->value()) : Nanoseconds(kRingPatience);
    running.callid = random_.uuid();
    running.wait = Wait::Invite;
    running.invited = true;
    running.deadline = now + ring;
    // To names the callee, and Contact the caller, so that in-dialog requests carry his address.
    std::string headers = "From: " + angle_brackets(start.callee_name.value_or(""), start.caller) +
                          "\r\nTo: <" + start.callee + ">\r\nContact: <" + start.caller +
                          ">\r\nCall-ID: " + running.callid +
                          "\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n";
    for (const auto& [name, value] : start.headers) {
        headers += name + ": " + value + "\r\n";
    }
    MiParameters parameters = {{"method", "INVITE"},
                               {"ruri", start.caller},
                               {"headers", headers},
                               {"body", std::string(kBlackHole)}};
    if (!settings_.next_hop.empty()) {
        parameters.emplace("next_hop", settings_.next_hop);
    }
    request(
        now, "t_uac_dlg", parameters, ring + kReplyPatience,
        [this, key](Instant when, const MiReply* reply, ProxyOutputs& more) {
            caller_answered(when, key, reply, more);
        },
        out);
}

// A failure of SIP is a result; an error is one of the request.
void ProxyCalls::caller_answered(Instant now,
                                 CommandKey key,
                                 const MiReply* reply,
                                 ProxyOutputs& out) {
    const MiTransaction result =
        reply == nullptr || reply->error ? MiTransaction() : read_transaction(reply->result);
    const std::string status = result.status.value_or("");
    std::optional<FirstCall> call;
    if (status.starts_with("2")) {
        const std::string message = result.message.value_or("");
        call =
            FirstCall{.ruri = result.ruri.value_or(""),
                      .next_hop = result.next_hop.value_or(""),
                      .routes = result.routes,
                      .dialog_headers = header_line(message, "From") + header_line(message, "To") +
                                        header_line(message, "Call-ID")};
    }
    const auto found = running_.find(key);
    if (found == running_.end()) {
        // Canceled, and the answer crossed.
        if (call) {
            Running late{.command = CallStart{}, .deadline = now};
            late.first_call = std::move(call);
            hang_up_first_call(now, late, out);
        }
        return;
    }
    if (!call) {
        const std::string why = reply == nullptr ? "408 Request Timeout"
                                : reply->error   ? reply->error->text()
                                                 : status;
        return fail(now, key, {std::atoi(why.c_str()), "failed to establish initial call: " + why},
                    out);
    }
    found->second.first_call = std::move(call);
    found->second.wait = Wait::Pause;
    found->second.deadline = now + kPauseBeforeRefer;
    tell(key, Progress{.step = Step::CallerAnswered}, out);
}

void ProxyCalls::stop_ringing(Instant now, const Running& running, ProxyOutputs& out) {
    request(
        now, "t_uac_cancel", {{"callid", running.callid}, {"cseq", "1"}}, kReplyPatience,
        [](Instant, const MiReply*, ProxyOutputs&) {}, out);
}

// With the Route and the next hop of the 200, the BYE passes the proxy, which then closes its own
// record of the call too. REFER may have been number 2.
void ProxyCalls::hang_up_first_call(Instant now, const Running& running, ProxyOutputs& out) {
    if (!running.first_call) {
        return;
    }
    const FirstCall& call = *running.first_call;
    std::string headers = call.dialog_headers + "CSeq: 3 BYE\r\n";
    for (const std::string& route : call.routes) {
        headers += "Route: " + route + "\r\n";
    }
    MiParameters parameters = {{"method", "BYE"}, {"ruri", call.ruri}, {"headers", headers}};
    if (!call.next_hop.empty()) {
        parameters.emplace("next_hop", call.next_hop);
    }
    request(
        now, "t_uac_dlg", parameters, kReferPatience, [](Instant, const MiReply*, ProxyOutputs&) {},
        out);
}

}  // namespace patchbay::api::jsonrpc::opensips
