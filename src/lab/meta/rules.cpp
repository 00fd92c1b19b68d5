// SPDX-License-Identifier: Apache-2.0
#include "lab/meta/rules.hpp"

#include "base/address.hpp"
#include "base/text.hpp"
#include "sdp/codec.hpp"
#include "sdp/session_description.hpp"
#include "sip/header.hpp"
#include "sip/uri.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace patchbay::lab::meta {
namespace {

bool is_e164(std::string_view user) {
    return user.size() > 7 && user.size() <= 16 && user.starts_with('+') &&
           std::ranges::all_of(user.substr(1), is_digit);
}

std::optional<Refusal> judge_target(const sip::Message& request, const Account& account) {
    const auto uri = sip::Uri::parse(request.request_uri());
    if (!uri || !uri->is_sip_or_sips()) {
        return Refusal{400, "request-uri", {}};
    }
    std::string_view host = uri->host();
    if (host.starts_with('[') || IpAddress::parse(host)) {
        return Refusal{404, "address-in-request-uri", {}};
    }
    if (!equals_ignoring_case(host, account.host)) {
        return Refusal{404, "request-uri-host", {}};
    }
    const std::string user = uri->decoded_user();
    const bool known =
        account.users.empty() || std::ranges::find(account.users, user) != account.users.end();
    if (!is_e164(user) || !known) {
        return Refusal{404, "unknown-user", {}};
    }
    return std::nullopt;
}

std::optional<Refusal> judge_caller(const sip::Message& request, const Account& account) {
    const auto from = request.get<sip::From>();
    if (!from) {
        return Refusal{400, "from", {}};
    }
    if (from->uri.host() != account.domain) {
        return Refusal{403, "from-host",
                       fmt::format("Requested hostname {} in From does not match any hostname "
                                   "configured for the number",
                                   from->uri.host())};
    }
    if (from->uri.decoded_user() != account.number) {
        return Refusal{
            403, "from-user",
            fmt::format("From user {} is not the business number", from->uri.decoded_user())};
    }
    return std::nullopt;
}

bool has_transport(const sdp::SessionDescription& description,
                   const sdp::MediaDescription& audio,
                   KeyExchange exchange) {
    const auto has = [&](std::string_view name) {
        return sdp::find(audio.attributes, name) != nullptr ||
               sdp::find(description.attributes, name) != nullptr;
    };
    if (exchange == KeyExchange::Dtls) {
        return audio.protocol == "UDP/TLS/RTP/SAVPF" && has("fingerprint") && has("ice-ufrag") &&
               has("ice-pwd") && has("setup") && has("rtcp-mux") && !has("crypto");
    }
    return audio.protocol == "RTP/SAVP" && has("crypto") && !has("fingerprint");
}

bool is_allowed_format(const sdp::Codec& codec) {
    return equals_ignoring_case(codec.name, "opus") ||
           (equals_ignoring_case(codec.name, sdp::kTelephoneEvent) && codec.clock_rate == 8000);
}

}  // namespace

std::optional<Refusal> judge_new(const sip::Message& request, const Account& account) {
    switch (request.method()) {
        case sip::Method::Invite: break;
        case sip::Method::Register: return Refusal{403, "register", {}};
        case sip::Method::Options: return Refusal{405, "options", {}};
        default: return Refusal{481, "no-call", {}};
    }
    if (auto refusal = judge_target(request, account)) {
        return refusal;
    }
    if (request.header("Session-Expires")) {
        return Refusal{403, "session-timer", "Session timers are not supported"};
    }
    return judge_caller(request, account);
}

std::optional<Refusal> judge_offer(std::string_view sdp, const Account& account) {
    const auto refuse = [](std::string_view rule, std::string_view why) {
        return Refusal{403, std::string(rule), fmt::format("SDP Validation error: {}", why)};
    };
    const auto description = sdp::SessionDescription::parse(sdp);
    if (!description || description->media.size() != 1 || description->media[0].media != "audio") {
        return refuse("sdp", "one audio section is expected");
    }
    const sdp::MediaDescription& audio = description->media.front();
    const std::vector<sdp::Codec> codecs = sdp::codecs_of(audio);
    if (codecs.size() != audio.formats.size() || !std::ranges::all_of(codecs, is_allowed_format) ||
        !equals_ignoring_case(codecs.front().name, "opus")) {
        return refuse("codec", "Opus and telephone-event/8000 only");
    }
    const sdp::Attribute* const ptime = sdp::find(audio.attributes, "ptime");
    if (ptime != nullptr && ptime->value != "20") {
        return refuse("ptime", "packets of 20 ms only");
    }
    if (!has_transport(*description, audio, account.key_exchange)) {
        return refuse("srtp", account.key_exchange == KeyExchange::Dtls
                                  ? "ICE and DTLS are expected"
                                  : "SDES keys are expected");
    }
    return std::nullopt;
}

// A call is described once: no hold, no refresh, no transfer.
Refusal judge_within(const sip::Message& request) {
    return request.method() == sip::Method::Invite
               ? Refusal{500, "re-invite", {}}
               : Refusal{500, fmt::format("within-call-{}", to_lower(request.method_name())), {}};
}

// RFC 3261 16.6 item 4: the proxy that is nearest to the sender of the request stands last.
std::vector<std::string> record_routes(const Account& account, bool in_request) {
    std::vector<std::string> routes{
        fmt::format("<sip:{}:{};transport=tls;lr>", account.host, account.port),
        "<sip:onevc-sip-proxy.internal.invalid:8191;transport=tls;lr>"};
    if (!in_request) {
        std::ranges::reverse(routes);
    }
    return routes;
}

bool holds(const sip::Message& message,
           std::string_view header,
           const std::vector<std::string>& values) {
    std::vector<std::string> found;
    for (std::size_t i = 0; i < message.field_count(); ++i) {
        const sip::Message::Field field = message.field(i);
        if (!equals_ignoring_case(field.name, header)) {
            continue;
        }
        for (std::string_view rest = field.value; !rest.empty();) {
            const auto [one, more] = split_once(rest, ',');
            found.emplace_back(trim(one));
            rest = more;
        }
    }
    return found == values;
}

std::optional<std::string> PacketRules::check(const rtp::RtpPacketView& packet) {
    const rtp::RtpHeader& header = packet.header;
    constexpr std::uint32_t kTicks = 960;  // of 20 ms at Opus's 48 kHz
    if (ssrc_.value_or(header.ssrc) != header.ssrc) {
        return "one-ssrc";
    }
    ssrc_ = header.ssrc;
    if (header.payload_type != opus_ && header.payload_type != kKeysPayloadType) {
        return header.payload_type == kOpusPayloadType ? std::optional<std::string>("opus-number")
                                                       : "payload-type";
    }
    const auto before = std::exchange(last_, header);
    const bool follows =
        before && header.sequence == static_cast<std::uint16_t>(before->sequence + 1);
    if (follows && header.payload_type == opus_ && before->payload_type == opus_) {
        const std::uint32_t step = header.timestamp - before->timestamp;
        if (step == 0 || step % kTicks != 0) {
            return "packet-time";
        }
    }
    return std::nullopt;
}

}  // namespace patchbay::lab::meta
