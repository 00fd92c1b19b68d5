// SPDX-License-Identifier: Apache-2.0
#include "app/sip/trace.hpp"

#include "app/limits.hpp"
#include "base/text.hpp"
#include "sip/steering.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::app {
namespace {

constexpr std::string_view kHidden = "***";

// "a=crypto:1 SUITE inline:KEY|..." hides what follows "inline:" (RFC 4568 9.2).
std::string hide_in_line(std::string_view line) {
    constexpr std::string_view kCrypto = "a=crypto:";
    constexpr std::string_view kInline = "inline:";
    constexpr std::array<std::string_view, 2> kCredentials{"Authorization", "Proxy-Authorization"};
    if (line.substr(0, kCrypto.size()) == kCrypto) {
        const std::size_t key = line.find(kInline);
        if (key != std::string_view::npos) {
            return std::string(line.substr(0, key + kInline.size())).append(kHidden);
        }
    }
    const std::string_view name = trim(split_once(line, ':').first);
    for (const std::string_view credential : kCredentials) {
        if (equals_ignoring_case(name, credential)) {
            return std::string(credential).append(": ").append(kHidden);
        }
    }
    return std::string(line);
}

std::size_t cost(const api::TracedMessage& message) {
    return sizeof message + message.text.size() + message.local.size() + message.remote.size();
}

}  // namespace

std::string without_secrets(std::string_view message) {
    std::string out;
    out.reserve(message.size());
    bool hidden = false;
    while (!message.empty()) {
        const std::size_t end = message.find("\r\n");
        const std::string_view line = message.substr(0, end);
        const bool folded = !line.empty() && (line.front() == ' ' || line.front() == '\t');
        // A folded line belongs to the field above it, and is as secret.
        if (!(folded && hidden)) {
            const std::string kept = hide_in_line(line);
            hidden = kept.size() != line.size() || kept != line;
            out += kept;
            out += end == std::string_view::npos ? "" : "\r\n";
        }
        message.remove_prefix(end == std::string_view::npos ? message.size() : end + 2);
    }
    return out;
}

void SipTrace::add(WallTime time, Direction direction, const sip::Flow& flow, ByteView message) {
    const std::string_view call_id = sip::peek_call_id(message);
    if (call_id.empty() || call_id.size() > kMaxTracedCallId) {
        return;
    }
    Call& call = *touch(std::string(call_id));
    if (call.trace.messages.size() >= kMaxTracedMessages) {
        call.trace.truncated = true;
        return;
    }
    const std::string_view text = as_text(message).substr(0, kMaxTracedMessageBytes);
    call.trace.messages.push_back({.timestamp = time,
                                   .sent = direction == Direction::Sent,
                                   .transport = std::string(sip::via_transport(flow.transport)),
                                   .local = flow.local.to_string(),
                                   .remote = flow.remote.to_string(),
                                   .text = without_secrets(text)});
    const std::size_t added = cost(call.trace.messages.back());
    call.bytes += added;
    bytes_ += added;
    while (bytes_ > kMaxTraceBytes && calls_.size() > 1) {
        forget_oldest();
    }
}

void SipTrace::name(std::string_view call_id, const call::SessionId& id) {
    const auto found = by_call_id_.find(std::string(call_id));
    if (found == by_call_id_.end() || found->second->trace.id == id.value()) {
        return;
    }
    found->second->trace.id = id.value();
    if (id.value() != call_id) {
        call_ids_.insert_or_assign(id.value(), std::string(call_id));
    }
}

std::optional<api::CallTrace> SipTrace::find(std::string_view id) const {
    std::string key(id);
    if (const auto named = call_ids_.find(key); named != call_ids_.end()) {
        key = named->second;
    }
    const auto found = by_call_id_.find(key);
    return found == by_call_id_.end() ? std::nullopt : std::optional(found->second->trace);
}

SipTrace::Calls::iterator SipTrace::touch(const std::string& call_id) {
    const auto found = by_call_id_.find(call_id);
    if (found != by_call_id_.end()) {
        calls_.splice(calls_.begin(), calls_, found->second);
        return found->second;
    }
    Call& call = calls_.emplace_front();
    call.trace.call_id = call_id;
    call.bytes = sizeof call + call_id.size();
    bytes_ += call.bytes;
    by_call_id_.emplace(call_id, calls_.begin());
    return calls_.begin();
}

void SipTrace::forget_oldest() {
    const Call& oldest = calls_.back();
    bytes_ -= oldest.bytes;
    call_ids_.erase(oldest.trace.id);
    by_call_id_.erase(oldest.trace.call_id);
    calls_.pop_back();
}

}  // namespace patchbay::app
