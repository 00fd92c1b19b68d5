// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/time.hpp"
#include "call/route.hpp"
#include "call/services.hpp"
#include "call/sip_listener.hpp"
#include "call/speech_account.hpp"
#include "media/rtp_track.hpp"
#include "sdp/crypto.hpp"
#include "sip/flow.hpp"
#include "sip/uri.hpp"
#include "sip/user_agent.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::speech {
class SileroNetwork;
class TenLibrary;
}  // namespace patchbay::speech

namespace patchbay::call {

// The track id of everything that the server plays, unless the client chose another.
inline constexpr std::string_view kServerTrack = "serverSideTrack";

// What becomes of a REFER of the far end. In any case the application is told (`transferRequest`).
enum class TransferPolicy : std::uint8_t {
    Refuse,  // 603: whom this server calls is not for strangers to say
    Follow,  // the session goes on with the party that the REFER names
};

// Whether a caller hears what comes before the answer (RFC 3960). With forking several phones may
// talk at once.
enum class EarlyMediaPolicy : std::uint8_t {
    Latest,  // the one that spoke up last
    First,   // the one that spoke up first, until the answer
    Ignore,  // none: it is ringing, whatever it sends
};

struct ExchangeConfig {
    sip::UserAgentConfig agent;
    std::vector<SipListener> listeners;
    // Where outgoing requests go first, as their first route; with ";lr".
    std::optional<sip::Uri> outbound_proxy;
    TransferPolicy transfers = TransferPolicy::Refuse;
    EarlyMediaPolicy early_media = EarlyMediaPolicy::Latest;
    // Where calls go; absent: to the built-in parties only. Shared by the shards.
    std::shared_ptr<const RouteTable> routes;
    ServicesConfig services;
    // Names of codecs in order of preference, in any case: PCMU, PCMA, G722, L16, opus.
    std::vector<std::string> codecs = {"PCMU", "PCMA", "G722"};
    // What calls in and out bring along, unless a client or a route says otherwise.
    sdp::CryptoPolicy crypto = sdp::CryptoPolicy::Off;
    bool comfort_noise = false;
    media::EncoderOptions encoder;
    // Whether audio goes to where the first packets of a call came from, or only to where SDP says.
    media::RtpTrack::SourcePolicy source_policy = media::RtpTrack::SourcePolicy::Learn;
    // Who speaks where a call names no provider.
    std::string speech_provider = "flite";
    // Who recognizes where a call names no provider, and what the operator has with providers.
    std::string asr_provider = "pocketsphinx";
    SpeechAccounts speech_accounts;
    // Where a call's provider cannot serve it, the embedded one does.
    bool speech_fallback = true;
    // The weights of neural voice detection; without them the cheap detector serves.
    std::shared_ptr<const speech::SileroNetwork> voice_network;
    // The library of `ten`; without it silero serves.
    std::shared_ptr<const speech::TenLibrary> ten_library;
    // How long an application may take to accept a call that it was offered.
    Nanoseconds accept_timeout = Seconds(50);
    // What becomes of a call of which no application can be told: a Refusal or a BuiltIn.
    Destination application_fallback = Refusal{503, {}};
    // What the built-in destination `demo` says.
    std::string demo_text =
        "Welcome to Patchbay. This call was answered by the built-in demonstration. "
        "You will now hear a tone. Goodbye.";
};

}  // namespace patchbay::call
