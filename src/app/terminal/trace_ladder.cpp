// SPDX-License-Identifier: Apache-2.0
#include "app/terminal/trace_ladder.hpp"

#include "base/text.hpp"
#include "sip/message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace patchbay::app {
namespace {

// Message bodies come from anywhere; a terminal must not obey them.
std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\r') {
            continue;
        }
        if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f) {
            out += fmt::format("\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
    return out;
}

// "INVITE sip:a@b", "180 Ringing (INVITE)".
std::string title(std::string_view text) {
    const auto message = sip::Message::parse(as_bytes(text));
    if (!message) {
        return "(not readable)";
    }
    if (message->is_request()) {
        return fmt::format("{} {}", message->method_name(), message->request_uri());
    }
    const std::string_view cseq = message->header("CSeq").value_or("");
    return fmt::format("{} {} ({})", message->status(), message->reason(),
                       trim(split_once(trim(cseq), ' ').second));
}

std::string line(const api::TracedMessage& message, WallTime first, std::size_t width) {
    return fmt::format("{:>8} ms  {}  {:<{}}  {:<3}  {}",
                       message.timestamp.milliseconds - first.milliseconds,
                       message.sent ? "->" : "<-", message.remote, width, message.transport,
                       printable(title(message.text)));
}

}  // namespace

std::string render_ladder(const api::CallTrace& trace) {
    std::string out = fmt::format("call {}, Call-ID {}, {} messages{}\n\n",
                                  trace.id.empty() ? "(no session)" : printable(trace.id),
                                  printable(trace.call_id), trace.messages.size(),
                                  trace.truncated ? "; later ones were not kept" : "");
    if (trace.messages.empty()) {
        return out;
    }
    const WallTime first = trace.messages.front().timestamp;
    std::size_t width = 0;
    for (const api::TracedMessage& message : trace.messages) {
        width = std::max(width, message.remote.size());
    }
    for (const api::TracedMessage& message : trace.messages) {
        out += line(message, first, width) + '\n';
    }
    for (const api::TracedMessage& message : trace.messages) {
        out += '\n' + line(message, first, width) + "\n\n" + printable(message.text);
        out += message.text.empty() || message.text.back() != '\n' ? "\n" : "";
    }
    return out;
}

}  // namespace patchbay::app
