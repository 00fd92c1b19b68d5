// SPDX-License-Identifier: Apache-2.0
#include "app/bridge/calls.hpp"

#include "app/bridge/history.hpp"
#include "app/limits.hpp"
#include "call/party.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::app {
namespace {

using api::bridge::WhatsAppCall;

// The words of APIs for WhatsApp calls.
std::string reason_of(const call::SessionSummary& summary) {
    if (summary.answered_at) {
        return summary.status >= 300 ? "connection_lost" : "terminate";
    }
    switch (summary.status) {
        case 486:
        case 600: return "busy";
        case 403:
        case 603: return "rejected";
        case 404: return "unknown_number";
        case 408:
        case 480:
        case 487: return "missed";
        default: return "failed";
    }
}

std::string status_of(const call::SessionSummary& summary) {
    switch (summary.state) {
        case call::LegState::Idle:
        case call::LegState::Inviting: return summary.incoming ? "ringing" : "connecting";
        case call::LegState::Ringing:
        case call::LegState::Early: return "ringing";
        case call::LegState::Answered: return "active";
        case call::LegState::Ended: return "ended";
    }
    return {};
}

WhatsAppCall row_of(const call::SessionSummary& summary, const std::string& bridge) {
    WhatsAppCall row{
        .call_id = summary.id.value(),
        .bridge = bridge,
        .direction = summary.incoming ? "inbound" : "outbound",
        .status = status_of(summary),
        .phone = call::attendee_of(summary.incoming ? summary.caller : summary.callee).username,
        .awaits_accept = summary.awaits_application,
        .started_at = {summary.created_at},
        .accepted_at = {},
        .ended_at = {},
        .end_reason = {},
        .end_status = {},
        .error = {}};
    if (summary.answered_at) {
        row.accepted_at = DateTime{*summary.answered_at};
    }
    if (summary.ended_at) {
        row.awaits_accept = false;
        row.ended_at = DateTime{*summary.ended_at};
        row.end_reason = reason_of(summary);
        row.end_status = summary.status;
    }
    return row;
}

}  // namespace

void BridgeCalls::keep_in(BridgeHistory& history) {
    const std::lock_guard lock(mutex_);
    const std::vector<WhatsAppCall> kept = history.restore();
    ended_.assign(kept.begin(), kept.end());
    history_ = &history;
}

void BridgeCalls::use(std::vector<bridge::WhatsAppLine> lines) {
    const std::lock_guard lock(mutex_);
    lines_ = std::move(lines);
}

const bridge::WhatsAppLine* BridgeCalls::line_of(const call::SessionSummary& summary) const {
    const auto found = std::ranges::find_if(lines_, [&](const bridge::WhatsAppLine& line) {
        return line.trunk == summary.trunk && !(line.outgoing_only && summary.incoming);
    });
    return found == lines_.end() ? nullptr : &*found;
}

std::optional<BridgeCalls::News> BridgeCalls::changed(const call::SessionSummary& summary,
                                                      WallTime now) {
    const std::lock_guard lock(mutex_);
    auto found = active_.find(summary.id.value());
    if (found == active_.end()) {
        const bridge::WhatsAppLine* line = summary.trunk.empty() ? nullptr : line_of(summary);
        if (line == nullptr) {
            return std::nullopt;
        }
        found = active_.emplace(summary.id.value(), Entry{*line, {}, {}}).first;
    }
    Entry& entry = found->second;
    entry.call = row_of(summary, entry.line.bridge);
    News news{entry.line, {"call." + entry.call.status, {now}, entry.call}};
    const bool is_new = std::exchange(entry.told, entry.call.status) != entry.call.status;
    if (entry.call.ended_at) {
        if (const auto error = errors_.find(entry.call.call_id); error != errors_.end()) {
            news.change.call.error = std::move(error->second);
            errors_.erase(error);
        }
        controls_.erase(entry.call.call_id);
        ended_.push_front(news.change.call);
        if (history_ != nullptr) {
            history_->add(news.change.call);
        }
        if (ended_.size() > kKeptWhatsAppCalls) {
            ended_.pop_back();
        }
        active_.erase(found);
    }
    const bool is_told = is_new && entry.call.status != "connecting";
    return is_told ? std::optional(std::move(news)) : std::nullopt;
}

std::vector<WhatsAppCall> BridgeCalls::active() const {
    const std::lock_guard lock(mutex_);
    std::vector<WhatsAppCall> calls;
    for (const auto& [id, entry] : active_) {
        calls.push_back(entry.call);
    }
    std::ranges::sort(calls, {}, [](const WhatsAppCall& call) {
        return std::pair(call.started_at, call.call_id);
    });
    return calls;
}

std::vector<WhatsAppCall> BridgeCalls::history(std::size_t most) const {
    const std::lock_guard lock(mutex_);
    const auto count = static_cast<std::ptrdiff_t>(std::min(most, ended_.size()));
    return {ended_.begin(), ended_.begin() + count};
}

std::optional<WhatsAppCall> BridgeCalls::find(std::string_view call_id) const {
    const std::lock_guard lock(mutex_);
    if (const auto found = active_.find(call_id); found != active_.end()) {
        return found->second.call;
    }
    const auto ended = std::ranges::find(ended_, call_id, &WhatsAppCall::call_id);
    return ended == ended_.end() ? std::nullopt : std::optional(*ended);
}

// RFC 4904: a number with the trunk that leads to it.
Result<std::string> BridgeCalls::callee_of(std::string_view bridge, std::string_view number) const {
    const std::lock_guard lock(mutex_);
    const auto line = std::ranges::find(lines_, bridge, &bridge::WhatsAppLine::bridge);
    if (line == lines_.end()) {
        return fail(Errc::WrongState, "bridge");
    }
    const std::string_view called = line->extension.empty() ? number : line->extension;
    return "tel:" + std::string(called) + ";tgrp=" + line->trunk;
}

void BridgeCalls::note_error(std::string_view call_id, std::string_view words) {
    const std::lock_guard lock(mutex_);
    if (!words.empty() && active_.contains(call_id)) {
        errors_[std::string(call_id)] = words;
    }
}

std::optional<BridgeCalls::Control> BridgeCalls::control(std::string_view call_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = controls_.find(call_id);
    return found == controls_.end() ? std::nullopt : std::optional(found->second);
}

void BridgeCalls::set_control(std::string_view call_id, const Control& control) {
    const std::lock_guard lock(mutex_);
    if (active_.contains(call_id)) {
        controls_[std::string(call_id)] = control;
    }
}

}  // namespace patchbay::app
