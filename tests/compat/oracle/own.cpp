// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "compat/oracle/oracle.hpp"
#include "sdp/session_description.hpp"
#include "sip/header.hpp"
#include "sip/message.hpp"
#include "sip/uri.hpp"
#include "sip/validation.hpp"

#ifdef PATCHBAY_OSIP
#include "compat/oracle/osip.hpp"
#endif
#ifdef PATCHBAY_SOFIA
#include "compat/oracle/sofia.hpp"
#endif

#include <algorithm>
#include <cctype>

namespace patchbay::test {
namespace {

Reading read(const sip::Message& message) {
    Reading reading;
    if (message.is_request()) {
        reading["method"] = message.method_name();
    } else {
        reading["status"] = std::to_string(message.status());
    }
    const auto to = message.get<sip::To>().value();
    reading["call-id"] = message.get<sip::CallId>()->value;
    reading["cseq"] = to_string(message.get<sip::CSeq>().value());
    if (const auto from = message.get<sip::From>(); from->tag()) {
        reading["from.tag"] = *from->tag();
    }
    if (to.tag()) {
        reading["to.tag"] = *to.tag();
    }
    if (to.uri.is_sip_or_sips()) {
        reading["to.host"] = to_lower(std::string(to.uri.host()));
    }
    const auto vias = message.get_all<sip::Via>().value();
    reading["vias"] = std::to_string(vias.size());
    if (!vias.empty()) {
        reading["via.host"] = to_lower(vias.front().host);
        if (vias.front().branch()) {
            reading["via.branch"] = *vias.front().branch();
        }
    }
    return reading;
}

// "Bad Request (CSeq malformed)" is about "CSeq malformed", as the same fault of a response is.
std::string place_of(const sip::Refusal& refusal) {
    constexpr std::string_view kBegin = "Bad Request (";
    if (refusal.reason.starts_with(kBegin) && refusal.reason.ends_with(")")) {
        return refusal.reason.substr(kBegin.size(), refusal.reason.size() - kBegin.size() - 1);
    }
    return std::to_string(refusal.status) + " " + refusal.reason;
}

}  // namespace

std::string to_lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::string unescaped(std::string_view text) {
    const auto digit = [&](std::size_t i) {
        return i < text.size()
                   ? std::string_view("0123456789abcdef").find(to_lower(std::string(1, text[i])))
                   : std::string_view::npos;
    };
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        constexpr auto kNone = std::string_view::npos;
        if (text[i] == '%' && digit(i + 1) != kNone && digit(i + 2) != kNone) {
            plain += static_cast<char>(digit(i + 1) * 16 + digit(i + 2));
            i += 2;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

Reading of_sip_only(Reading reading) {
    const std::string scheme = reading["scheme"];
    return scheme == "sip" || scheme == "sips" ? std::move(reading) : Reading{{"scheme", scheme}};
}

const std::vector<const Oracle*>& oracles() {
    static const std::vector<const Oracle*> all{
#ifdef PATCHBAY_OSIP
        &osip(),
#endif
#ifdef PATCHBAY_SOFIA
        &sofia(),
#endif
    };
    return all;
}

OwnReading own_uri(const std::string& text) {
    const auto uri = sip::Uri::parse(text);
    if (!uri) {
        return {std::nullopt, std::string(uri.error().where)};
    }
    Reading reading{{"scheme", to_lower(std::string(uri->scheme_name()))}};
    if (!uri->user().empty()) {
        reading["user"] = unescaped(uri->user());
    }
    if (uri->password()) {
        reading["password"] = unescaped(*uri->password());
    }
    if (!uri->host().empty()) {
        reading["host"] = to_lower(std::string(uri->host()));
    }
    if (uri->port()) {
        reading["port"] = std::to_string(*uri->port());
    }
    return {of_sip_only(std::move(reading)), ""};
}

OwnReading own_message(const std::string& text) {
    const auto message = sip::Message::parse(text);
    if (!message) {
        return {std::nullopt, std::string(message.error().where)};
    }
    if (message->is_request()) {
        if (const auto refusal = sip::check_request(*message)) {
            return {std::nullopt, place_of(*refusal)};
        }
    } else if (const auto checked = sip::check_response(*message); !checked) {
        return {std::nullopt, std::string(checked.error().where)};
    }
    return {read(*message), ""};
}

OwnReading own_description(const std::string& text) {
    const auto session = sdp::SessionDescription::parse(text);
    if (!session) {
        return {std::nullopt, std::string(session.error().where)};
    }
    Reading reading{{"origin.id", session->origin.session_id}};
    if (session->connection) {
        reading["c"] = session->connection->address;
    }
    int number = 0;
    for (const auto& section : session->media) {
        const std::string name = "media." + std::to_string(number++);
        std::string line =
            section.media + " " + std::to_string(section.port) + " " + section.protocol;
        for (const std::string& format : section.formats) {
            line += " " + format;
        }
        reading[name] = line;
        if (section.connection) {
            reading[name + ".c"] = section.connection->address;
        }
    }
    return {reading, ""};
}

}  // namespace patchbay::test
