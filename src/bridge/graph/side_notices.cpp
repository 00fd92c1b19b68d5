// SPDX-License-Identifier: Apache-2.0
// What webhooks say about calls: twice, late, in any order, and about calls that nobody knows.
#include "base/text.hpp"
#include "bridge/graph/side.hpp"
#include "bridge/limits.hpp"
#include "bridge/settings_check.hpp"

#include <algorithm>
#include <functional>
#include <utility>
#include <variant>

namespace patchbay::bridge::graph {
namespace {

// RFC 3261 25.1 has no line ends in a value, and neither has a well-meaning webhook.
std::string if_printable(const std::string& text) {
    const bool is_printable = std::ranges::none_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    return text.size() <= kSettingText && is_printable ? text : std::string();
}

// As it stands in From: with a plus where it is a number.
std::string caller_of(const Connect& connect) {
    if (const auto number = parse_number_e164(connect.from)) {
        return *number;
    }
    const std::string id = if_printable(connect.user_id);
    return id.empty() ? "anonymous" : id;
}

void add_header(sip::ExtraHeaders& headers, std::string name, const std::string& text) {
    if (std::string value = if_printable(text); !value.empty()) {
        headers.push_back({std::move(name), std::move(value)});
    }
}

}  // namespace

void Side::handle_notice(Instant now, const Notice& notice, SideOutputs& out) {
    // Calls in progress may be of a number that was configured before.
    const bool is_known = std::visit(
        [this](const auto& one) { return find(one.id, one.opaque) != calls_.end(); }, notice.call);
    if (!is_known && notice.phone_number_id != settings_.phone_number_id) {
        return;
    }
    std::visit([&](const auto& one) { handle(now, notice, one, out); }, notice.call);
}

bool Side::is_owner(const std::string& id) const {
    return std::hash<std::string>()(id) % settings_.shards == settings_.shard;
}

// A webhook with our own mark proves the call before the answer to its request does.
Side::Calls::iterator Side::find(const std::string& id, const std::string& opaque) {
    const auto found = std::ranges::find_if(calls_, [&](const auto& entry) {
        const Call& call = entry.second;
        return call.id.empty() ? !opaque.empty() && call.opaque == opaque : call.id == id;
    });
    if (found != calls_.end()) {
        found->second.id = id;
    }
    return found;
}

// For a call whose request has not been answered yet, as long as there is any.
void Side::keep(const Notice& notice) {
    const bool any =
        std::ranges::any_of(calls_, [](const auto& entry) { return entry.second.id.empty(); });
    if (!any) {
        early_.clear();
    } else if (early_.size() < kEarlyNotices) {
        early_.push_back(notice);
    }
}

void Side::replay(Instant now, SideOutputs& out) {
    for (const Notice& notice : std::exchange(early_, {})) {
        handle_notice(now, notice, out);
    }
}

void Side::handle(Instant now, const Notice& notice, const Connect& connect, SideOutputs& out) {
    const auto found = find(connect.id, connect.opaque);
    if (connect.user_initiated) {
        const bool is_new =
            found == calls_.end() && std::ranges::find(ended_, connect.id) == ended_.end();
        if (is_new && settings_.takes_calls && is_owner(connect.id) && !connect.sdp.empty()) {
            call_pbx(now, notice, connect, out);
        }
        return;
    }
    if (found == calls_.end()) {
        return keep(notice);
    }
    Call& call = found->second;
    if (call.from_user || call.phase == Phase::Established || connect.sdp.empty()) {
        return;
    }
    call.phase = Phase::Established;
    call.deadline.reset();
    GatewayOutputs gateway;
    gateway_.answer(now, found->first, connect.sdp, gateway);
    take(now, gateway, out);
}

void Side::call_pbx(Instant now, const Notice& notice, const Connect& connect, SideOutputs& out) {
    const std::int64_t today = wall_.at(now).milliseconds / 1000;
    if (connect.seconds && today - *connect.seconds > kStaleConnect.count()) {
        remember(connect.id);
        note(now,
             Trouble{.status = 0,
                     .words = "a call came " + std::to_string(today - *connect.seconds) +
                              " s late, and was not taken: is the clock of this machine right?"});
        return;
    }
    WhatsAppCaller caller{.number = caller_of(connect),
                          .name = if_printable(connect.name),
                          .callee = {},
                          .offer = connect.sdp,
                          .headers = {}};
    for (const std::string& number : {settings_.phone_number, connect.to, notice.phone_number}) {
        if (const auto business = parse_number_e164(number); business && caller.callee.empty()) {
            caller.callee = *business;
        }
    }
    add_header(caller.headers, "X-WA-Meta-WACID", connect.id);
    add_header(caller.headers, "X-WA-Meta-User-ID", connect.user_id);
    add_header(caller.headers, "X-WA-Meta-CTA-Payload", connect.payload);
    GatewayOutputs gateway;
    const GatewayCall handle = gateway_.call_pbx(now, caller, gateway);
    calls_.emplace(handle, Call{.from_user = true,
                                .id = connect.id,
                                .opaque = {},
                                .phase = Phase::Ringing,
                                .deadline = now + kAnswerTime});
    take(now, gateway, out);
}

void Side::handle(Instant now, const Notice& notice, const Status& status, SideOutputs& out) {
    const auto found = find(status.id, status.opaque);
    if (found == calls_.end()) {
        return keep(notice);
    }
    Call& call = found->second;
    if (call.from_user || call.phase == Phase::Established) {
        return;
    }
    switch (status.status) {
        case CallStatus::Ringing:
            if (!std::exchange(call.is_told_ringing, true)) {
                GatewayOutputs gateway;
                gateway_.ring(now, found->first, gateway);
                take(now, gateway, out);
            }
            return;
        // The description comes by a connect, and the call is answered then.
        case CallStatus::Accepted: return;
        case CallStatus::Rejected:
            errands_.drop_waiting(found->first);
            return refuse(now, found->first, {.status = 486, .words = "declined"}, out);
    }
}

void Side::handle(Instant now, const Notice& notice, const Terminate& terminate, SideOutputs& out) {
    const auto found = find(terminate.id, terminate.opaque);
    if (found == calls_.end()) {
        if (std::ranges::find(ended_, terminate.id) == ended_.end()) {
            keep(notice);
            remember(terminate.id);
        }
        return;
    }
    const GatewayCall handle = found->first;
    const Call call = found->second;
    errands_.drop_waiting(handle);
    const Trouble trouble = terminate.errors.empty()
                                ? Trouble{.status = terminate.failed ? 503 : 480,
                                          .words = terminate.failed ? "failed" : "no answer"}
                                : trouble_of(terminate.errors.front());
    if (!terminate.errors.empty()) {
        note(now, Trouble{.status = trouble.status, .words = trouble.words, .of_side = false});
    }
    if (call.from_user || call.phase == Phase::Established) {
        hang_up(now, handle, terminate.errors.empty() ? std::string_view() : trouble.words, out);
    } else {
        refuse(now, handle, trouble, out);
    }
}

}  // namespace patchbay::bridge::graph
