// SPDX-License-Identifier: Apache-2.0
#include "support/ladder.hpp"

#include "base/text.hpp"
#include "sdp/session_description.hpp"
#include "sip/header.hpp"

#include <algorithm>
#include <cstdio>

namespace patchbay::test {
namespace {

constexpr std::size_t kPartyWidth = 9;
constexpr std::size_t kMethodWidth = 15;

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

std::string first_word_pair(const sip::Message& message) {
    return message.is_request() ? std::string(message.method_name())
                                : std::to_string(message.status()) + ' ' +
                                      std::string(message.get<sip::CSeq>()->method_name);
}

std::string seconds(Nanoseconds since) {
    const auto tenths = (whole_milliseconds(since).count() + 50) / 100;
    std::string text = std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10);
    return text.size() < 6 ? std::string(6 - text.size(), ' ') + text : text;
}

}  // namespace

std::string Ladder::render(const World& world) {
    struct Line {
        std::string bytes;
        std::string text;
        int repeats = 0;
    };
    std::vector<Line> lines;
    const auto& wire = world.wire();
    for (const auto& [at, datagram] : wire) {
        const auto known = std::find_if(lines.begin(), lines.end(), [&](const Line& line) {
            return line.bytes == datagram.bytes;
        });
        if (known != lines.end()) {
            ++known->repeats;
            continue;
        }
        const auto message = sip::Message::parse(datagram.bytes);
        if (!message) {
            continue;
        }
        const std::string about = details(*message);
        std::string text = seconds(at - wire.front().at) + "  " +
                           padded(label(datagram.from), kPartyWidth) + "-> " +
                           padded(label(datagram.to), kPartyWidth) + ' ';
        text += about.empty() ? first_word_pair(*message)
                              : padded(first_word_pair(*message), kMethodWidth) + ' ' + about;
        lines.push_back({datagram.bytes, std::move(text)});
    }
    std::string out;
    for (const Line& line : lines) {
        out += line.text;
        out += line.repeats > 0 ? " (and " + std::to_string(line.repeats) + " more)\n" : "\n";
    }
    return out;
}

std::string Ladder::label(const SocketAddress& address) const {
    const auto found = names_.find(address.ip.to_string());
    return found != names_.end() ? found->second : address.ip.to_string();
}

std::string Ladder::call(std::string_view call_id) {
    auto found = std::find(calls_.begin(), calls_.end(), call_id);
    if (found == calls_.end()) {
        found = calls_.insert(calls_.end(), std::string(call_id));
    }
    return "call " + std::to_string(found - calls_.begin() + 1);
}

std::string Ladder::details(const sip::Message& message) {
    std::vector<std::string> about;
    const std::string dialog = call(message.header("Call-ID").value_or(""));
    if (calls_.size() > 1) {
        about.push_back(dialog);
    }
    const auto mention = [&](std::string_view name) {
        for (std::size_t i = 0; i < message.field_count(); ++i) {
            const sip::Message::Field field = message.field(i);
            if (equals_ignoring_case(field.name, name)) {
                about.push_back(std::string(name) + ' ' + std::string(field.value));
            }
        }
    };
    if (message.header("RSeq")) {
        about.emplace_back("reliable");
    }
    for (const std::string_view name :
         {"Route", "Session-Expires", "Min-SE", "Reason", "Event", "Subscription-State",
          "Refer-Sub", "Unsupported", "Record-Route"}) {
        mention(name);
    }
    if (const auto cseq = message.get<sip::CSeq>(); cseq && cseq->method_name == "REGISTER") {
        mention("Expires");
        mention("Min-Expires");
        if (const std::size_t contacts = message.count(sip::HeaderId::Contact); contacts > 0) {
            about.push_back("contacts " + std::to_string(contacts));
        }
    }
    if (message.header("Authorization") || message.header("Proxy-Authorization")) {
        about.emplace_back("with credentials");
    }
    if (message.header("Retry-After")) {
        about.emplace_back("Retry-After");
    }
    if (const auto replaces = message.get<sip::Replaces>()) {
        about.push_back("replaces " + call(replaces->call_id));
    }
    if (const auto refer_to = message.get<sip::ReferTo>()) {
        std::string text = "to " + refer_to->uri.for_request().to_string();
        if (const auto replaces = refer_to->uri.header("Replaces")) {
            text += " replacing " + call(sip::Replaces::parse(*replaces)->call_id);
        }
        about.push_back(std::move(text));
    }
    if (const auto referred_by = message.get<sip::ReferredBy>()) {
        about.push_back("by " + referred_by->uri.to_string());
    }
    if (const std::string media = session(message); !media.empty()) {
        about.push_back(media);
    } else if (!message.body().empty()) {
        about.push_back('"' + std::string(trim(split_once(message.body(), '\n').first)) + '"');
    }
    std::string text;
    for (const std::string& one : about) {
        text += (text.empty() ? "" : ", ") + one;
    }
    return text;
}

// Direction, and how often this side has raised its version.
std::string Ladder::session(const sip::Message& message) {
    const auto type = message.get<sip::ContentType>();
    if (!type || !type->is("application/sdp")) {
        return {};
    }
    const auto description = sdp::SessionDescription::parse(message.body());
    if (!description || description->media.empty()) {
        return "sdp";
    }
    const sdp::MediaDescription& audio = description->media.front();
    std::string text(sdp::to_string(description->direction_of(audio)));
    if (audio.port == 0) {
        text = "refused";
    }
    if (message.body().find("c=IN IP4 0.0.0.0") != std::string_view::npos) {
        text += " at 0.0.0.0";
    }
    const std::uint64_t version =
        parse_number<std::uint64_t>(description->origin.session_version).value_or(0);
    const auto [first, fresh] = first_versions_.emplace(description->origin.session_id, version);
    return text + " v" + std::to_string(version - first->second);
}

}  // namespace patchbay::test
