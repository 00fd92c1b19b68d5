// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.hpp"
#include "base/text.hpp"
#include "sip/digest.hpp"
#include "sip/header.hpp"
#include "sip/limits.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::sip {
namespace {

constexpr std::size_t kClientNonceLength = 16;

bool offers_auth(std::string_view qop) {
    while (!qop.empty()) {
        const auto [first, rest] = split_once(qop, ',');
        if (equals_ignoring_case(trim(first), "auth")) {
            return true;
        }
        qop = rest;
    }
    return false;
}

template <class H>
void collect(const Message& response, bool proxy, std::vector<DigestChallenge>& out) {
    const auto all = response.get_all<H>();
    if (!all) {
        return;
    }
    for (const H& one : *all) {
        if (auto challenge = DigestChallenge::parse(one, proxy)) {
            out.push_back(std::move(*challenge));
        }
    }
}

template <class H>
bool carries(const Message& request, std::string_view realm) {
    const auto all = request.get_all<H>();
    if (!all) {
        return false;
    }
    for (const H& one : *all) {
        if (one.get("realm") == realm) {
            return true;
        }
    }
    return false;
}

bool same_realm(const DigestChallenge& a, const DigestChallenge& b) {
    return a.proxy == b.proxy && a.realm == b.realm;
}

std::vector<DigestChallenge> offered_by(const Message& response) {
    std::vector<DigestChallenge> offered;
    collect<WwwAuthenticate>(response, false, offered);
    collect<ProxyAuthenticate>(response, true, offered);
    return offered;
}

// The strongest of each realm, whatever their order: a policy that RFC 7616 3.7 leaves to the
// client, and that no one on the path can turn into a weaker hash by reordering.
std::vector<DigestChallenge> choose(std::vector<DigestChallenge> offered, std::string_view realm) {
    std::vector<DigestChallenge> chosen;
    for (DigestChallenge& challenge : offered) {
        if (!realm.empty() && challenge.realm != realm) {
            continue;
        }
        const auto rival = std::find_if(
            chosen.begin(), chosen.end(),
            [&](const DigestChallenge& other) { return same_realm(other, challenge); });
        if (rival == chosen.end()) {
            chosen.push_back(std::move(challenge));
        } else if (rival->variant.algorithm < challenge.variant.algorithm) {
            *rival = std::move(challenge);
        }
    }
    return chosen;
}

bool was_authorized(const Message& request, const DigestChallenge& challenge) {
    return challenge.proxy ? carries<ProxyAuthorization>(request, challenge.realm)
                           : carries<Authorization>(request, challenge.realm);
}

}  // namespace

Result<DigestChallenge> DigestChallenge::parse(const AuthParameters& parameters, bool proxy) {
    if (!parameters.is_digest()) {
        return fail(Errc::Unsupported, "authentication scheme");
    }
    const auto realm = parameters.get("realm");
    const auto nonce = parameters.get("nonce");
    if (!realm || !nonce) {
        return fail(Errc::Malformed, "digest challenge");
    }
    const auto algorithm = parameters.get("algorithm");
    const auto variant = DigestVariant::parse(algorithm.value_or("MD5"));
    const auto qop = parameters.get("qop");
    if (!variant || (qop && !offers_auth(*qop))) {
        return fail(Errc::Unsupported, "digest challenge");
    }
    DigestChallenge challenge{
        .proxy = proxy,
        .realm = std::string(*realm),
        .nonce = std::string(*nonce),
        .opaque = std::nullopt,
        .algorithm = std::nullopt,
        .variant = *variant,
        .with_qop = qop.has_value(),
        .stale = equals_ignoring_case(parameters.get("stale").value_or(""), "true")};
    if (const auto opaque = parameters.get("opaque")) {
        challenge.opaque = std::string(*opaque);
    }
    if (algorithm) {
        challenge.algorithm = std::string(*algorithm);
    }
    return challenge;
}

Result<ExtraHeaders> DigestClient::answer(const Message& request,
                                          const Message& response,
                                          Random& random,
                                          bool sent_ahead) {
    if (++tries_ > kMaxAuthenticationTries) {
        return fail(Errc::Unauthorized, "authentication tries");
    }
    PB_CHECK(learn(request, response, sent_ahead));
    ExtraHeaders headers;
    for (Known& known : known_) {
        // A realm met earlier on this path is answered again, with the new one.
        if (std::exchange(known.wanted, false) || was_authorized(request, known.challenge)) {
            headers.push_back(credentials_for(known, request, random));
        }
    }
    return headers;
}

ExtraHeaders DigestClient::ahead(const Message& request, Random& random) {
    ExtraHeaders headers;
    for (Known& known : known_) {
        headers.push_back(credentials_for(known, request, random));
    }
    return headers;
}

Result<void> DigestClient::learn(const Message& request, const Message& response, bool sent_ahead) {
    const auto chosen = choose(offered_by(response), credentials_.realm);
    if (chosen.empty()) {
        return fail(Errc::Unsupported, "digest challenge");
    }
    for (const DigestChallenge& challenge : chosen) {
        if (was_authorized(request, challenge) && !challenge.stale && !sent_ahead) {
            return fail(Errc::Unauthorized, "credentials");
        }
        Known& known = find_or_add(challenge);
        if (known.challenge.nonce != challenge.nonce) {
            known.uses = 0;  // the same nonce goes on counting
        }
        known.challenge = challenge;
        known.wanted = true;
    }
    return {};
}

DigestClient::Known& DigestClient::find_or_add(const DigestChallenge& challenge) {
    for (Known& known : known_) {
        if (same_realm(known.challenge, challenge)) {
            return known;
        }
    }
    return known_.emplace_back(Known{challenge});
}

// RFC 7616 3.4. The uri is the Request-URI of the request (RFC 3261 22.4 item 1).
ExtraHeader DigestClient::credentials_for(Known& known,
                                          const Message& request,
                                          Random& random) const {
    const DigestChallenge& challenge = known.challenge;
    ++known.uses;
    const std::string client_nonce = random.token(kClientNonceLength);
    const DigestInput input{.variant = challenge.variant,
                            .username = credentials_.username,
                            .realm = challenge.realm,
                            .password = credentials_.password.reveal(),
                            .method = request.method_name(),
                            .uri = request.request_uri(),
                            .nonce = challenge.nonce,
                            .qop = challenge.with_qop ? "auth" : "",
                            .client_nonce = client_nonce,
                            .nonce_count = known.uses};
    AuthParameters answer;
    answer.scheme = "Digest";
    answer.add_quoted("username", credentials_.username);
    answer.add_quoted("realm", challenge.realm);
    answer.add_quoted("nonce", challenge.nonce);
    answer.add_quoted("uri", request.request_uri());
    answer.add_quoted("response", digest_response(input));
    if (challenge.algorithm) {
        answer.add("algorithm", *challenge.algorithm);
    }
    if (challenge.with_qop || challenge.variant.session) {
        answer.add_quoted("cnonce", client_nonce);
    }
    if (challenge.with_qop) {
        answer.add("qop", "auth");
        std::array<std::uint8_t, 4> count{};
        store_be32(count.data(), known.uses);
        answer.add("nc", to_hex(count));
    }
    if (challenge.opaque) {
        answer.add_quoted("opaque", *challenge.opaque);
    }
    ExtraHeader header{challenge.proxy ? "Proxy-Authorization" : "Authorization", {}};
    answer.write(header.value);
    return header;
}

}  // namespace patchbay::sip
