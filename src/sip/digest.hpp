// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/result.hpp"
#include "sip/header/credentials.hpp"
#include "sip/message.hpp"
#include "sip/request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::sip {

// In rising strength (RFC 8760 2.2).
enum class DigestAlgorithm : std::uint8_t { Md5, Sha256, Sha512_256 };

// "MD5", "SHA-256-sess", ...; an absent algorithm is MD5 (RFC 7616 3.3).
struct DigestVariant {
    DigestAlgorithm algorithm = DigestAlgorithm::Md5;
    bool session = false;

    static std::optional<DigestVariant> parse(std::string_view name);
    std::string_view name() const;

    friend bool operator==(const DigestVariant&, const DigestVariant&) = default;
};

// Lower-case hexadecimal hash of `text`.
std::string digest_hash(DigestAlgorithm algorithm, std::string_view text);

// What RFC 7616 3.4.1 computes the response from. An empty `qop` is the form of RFC 2069.
struct DigestInput {
    DigestVariant variant;
    std::string_view username;
    std::string_view realm;
    std::string_view password;
    std::string_view method;
    std::string_view uri;
    std::string_view nonce;
    std::string_view qop;           // "auth" or empty
    std::string_view client_nonce;  // with qop, and with -sess
    std::uint32_t nonce_count = 1;  // with qop
};
std::string digest_response(const DigestInput& input);

// One challenge that we can answer.
struct DigestChallenge {
    bool proxy = false;  // 407 Proxy-Authenticate, else 401 WWW-Authenticate
    std::string realm;
    std::string nonce;
    std::optional<std::string> opaque;
    std::optional<std::string> algorithm;  // as written, to be echoed
    DigestVariant variant;
    bool with_qop = false;
    bool stale = false;

    // Unsupported for schemes, algorithms and qop that we do not do.
    static Result<DigestChallenge> parse(const AuthParameters& parameters, bool proxy);
};

// Answers the challenges that the requests of one call meet (RFC 3261 22.2, 22.3; RFC 7616).
// Remembers nonces, because each use of one must be counted.
class DigestClient {
  public:
    explicit DigestClient(Credentials credentials) : credentials_(std::move(credentials)) {}

    // The Authorization and Proxy-Authorization headers with which to send `request` again, after
    // `response` (401 or 407) refused it. Unauthorized when the credentials are wrong: challenged
    // again for a realm that the request was authorized for, and the nonce was not just stale.
    // Unsupported when no challenge is ours to answer. Of several challenges of a realm the
    // strongest counts. `sent_ahead`: the request had its credentials from ahead(), and whoever
    // wants a fresh nonce need not say that they are stale.
    Result<ExtraHeaders> answer(const Message& request,
                                const Message& response,
                                Random& random,
                                bool sent_ahead = false);

    // The credentials of every realm met so far, for a further request on the same path, which then
    // need not be challenged (RFC 3261 22.2, 22.3; RFC 7616 3.6): the same nonces, counted on.
    ExtraHeaders ahead(const Message& request, Random& random);

    // A request got past its challenges: the count of tries starts anew.
    void settled() { tries_ = 0; }

  private:
    struct Known {
        DigestChallenge challenge;
        std::uint32_t uses = 0;  // of its nonce
        bool wanted = false;     // by the response at hand
    };

    Result<void> learn(const Message& request, const Message& response, bool sent_ahead);
    Known& find_or_add(const DigestChallenge& challenge);
    ExtraHeader credentials_for(Known& known, const Message& request, Random& random) const;

    Credentials credentials_;
    std::vector<Known> known_;
    int tries_ = 0;
};

// Server side, as pure functions (the registrar's use).

// Whether `credentials` prove the password, where `hashed_secret` is H(username:realm:password) in
// lower-case hexadecimal. Checks the arithmetic only: nonce, nonce count and uri are the caller's
// to judge. Takes the same time for a near miss as for a wide one.
bool digest_proves(const AuthParameters& credentials,
                   std::string_view method,
                   std::string_view hashed_secret);

}  // namespace patchbay::sip
