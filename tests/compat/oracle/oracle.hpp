// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Other implementations of the grammars that we parse, as oracles. They are asked what they read,
// and answer in the same words as we do, so that a difference is one of meaning.
namespace patchbay::test {

// What a parser read, part by part: "host" is "example.com". Parts that were not there are absent.
// Scheme, host and names of parameters stand in lower case, for their case means nothing.
using Reading = std::map<std::string, std::string>;

struct DigestQuestion {
    std::string username;
    std::string realm;
    std::string password;
    std::string method;
    std::string uri;
    std::string nonce;
    std::string client_nonce;
    bool session = false;
};

class Oracle {
  public:
    virtual ~Oracle() = default;
    virtual std::string_view name() const = 0;
    // Each is empty where the text is refused.
    // scheme, user (escapes decoded), password, host, port; of a scheme that is not SIP: scheme
    virtual std::optional<Reading> uri(const std::string& text) const = 0;
    // method or status, call-id, cseq, from.tag, to.tag, to.host, vias, via.host, via.branch, body
    virtual std::optional<Reading> message(const std::string& text) const = 0;
    // origin.id, c, media.N ("audio 4000 RTP/AVP 0 8"), media.N.c
    virtual std::optional<Reading> description(const std::string& text) const = 0;
    // The MD5 response of RFC 2617, with qop=auth and nonce count 1 when there is a client nonce;
    // empty where the library has no digests.
    virtual std::string digest(const DigestQuestion& question) const = 0;
};

// Those whose library was there when this was built.
const std::vector<const Oracle*>& oracles();
// Why none is there.
inline constexpr std::string_view kNoOracle =
    "neither libosip2 nor sofia-sip is installed (tools/packages install test), or sanitizers run";

// What we read ourselves; the error names the place where we gave up.
struct OwnReading {
    std::optional<Reading> reading;
    std::string refusal;
};
OwnReading own_uri(const std::string& text);
OwnReading own_message(const std::string& text);
OwnReading own_description(const std::string& text);

std::string to_lower(std::string text);
// "%41" decoded.
std::string unescaped(std::string_view text);
// The parts of a URI of another scheme than sip and sips mean something else, or nothing.
Reading of_sip_only(Reading reading);

}  // namespace patchbay::test
