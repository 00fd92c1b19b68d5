// SPDX-License-Identifier: Apache-2.0
#include "sip/digest_server.hpp"

#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/text.hpp"
#include "sip/header.hpp"
#include "sip/limits.hpp"
#include "sip/uri.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <utility>

namespace patchbay::sip {
namespace {

constexpr std::size_t kTimeDigits = 16;    // milliseconds, 64 bits
constexpr std::size_t kRandomDigits = 16;  // two clients behind one NAT, within one millisecond
constexpr std::size_t kHeadDigits = kTimeDigits + kRandomDigits;
constexpr std::size_t kMacBytes = 16;
constexpr std::size_t kNonceDigits = kHeadDigits + 2 * kMacBytes;

// The credentials for our realm; a request may carry those of other hops as well.
std::optional<AuthParameters> credentials_for(const Message& request, std::string_view realm) {
    const auto all = request.get_all<Authorization>();
    if (!all) {
        return std::nullopt;
    }
    const auto ours = std::find_if(all->begin(), all->end(), [&](const Authorization& one) {
        return one.is_digest() && one.get("realm") == realm;
    });
    return ours == all->end() ? std::nullopt : std::optional<AuthParameters>(*ours);
}

// RFC 7616 3.4.6, with the comparison of RFC 3261 19.1.4 for those who write it anew.
bool is_for(const AuthParameters& credentials, std::string_view request_uri) {
    const std::string_view text = credentials.get("uri").value_or("");
    if (text == request_uri) {
        return true;
    }
    const auto said = Uri::parse(text);
    const auto meant = Uri::parse(request_uri);
    return said && meant && *said == *meant;
}

std::optional<std::uint32_t> nonce_count(const AuthParameters& credentials) {
    const auto raw = from_hex(credentials.get("nc").value_or(""));
    return raw && raw->size() == 4 ? std::optional(load_be32(raw->data())) : std::nullopt;
}

}  // namespace

DigestSecret DigestSecret::of(std::string_view username,
                              std::string_view realm,
                              std::string_view password) {
    std::string text(username);
    text.append(":").append(realm).append(":").append(password);
    DigestSecret secret;
    for (const DigestAlgorithm algorithm :
         {DigestAlgorithm::Md5, DigestAlgorithm::Sha256, DigestAlgorithm::Sha512_256}) {
        secret.hashed[static_cast<std::size_t>(algorithm)] = digest_hash(algorithm, text);
    }
    return secret;
}

DigestServer::DigestServer(DigestServerConfig config, Random& random)
    : config_(std::move(config)), random_(random) {
    random_.fill(key_);
}

DigestServer::Verdict DigestServer::check(Instant now,
                                          const IpAddress& source,
                                          const Message& request,
                                          const DigestAccounts& accounts) {
    forget_old(now);
    const auto credentials = credentials_for(request, config_.realm);
    if (!credentials) {
        return Unproved{};
    }
    const auto variant = DigestVariant::parse(credentials->get("algorithm").value_or("MD5"));
    const bool offered = variant && !variant->session &&
                         std::find(config_.algorithms.begin(), config_.algorithms.end(),
                                   variant->algorithm) != config_.algorithms.end();
    // Who leaves out qop and its count could be replayed (RFC 7616 5.12): he is asked again.
    if (!offered || !equals_ignoring_case(credentials->get("qop").value_or(""), "auth")) {
        return Unproved{};
    }
    std::string user(credentials->get("username").value_or(""));
    const auto account = accounts.find(user);
    // An unknown user costs as much time as a known one.
    static const DigestSecret kNobody = DigestSecret::of("", "", "");
    const DigestSecret& secret = account != accounts.end() ? account->second : kNobody;
    const bool proves =
        digest_proves(*credentials, request.method_name(), secret.by(variant->algorithm));
    if (!proves || account == accounts.end()) {
        return Wrong{std::move(user), account != accounts.end()};
    }
    if (!is_for(*credentials, request.request_uri())) {
        return Misdirected{};
    }
    return judge(now, source, *credentials, std::move(user));
}

// The password is right; is it said now, and for the first time?
DigestServer::Verdict DigestServer::judge(Instant now,
                                          const IpAddress& source,
                                          const AuthParameters& credentials,
                                          std::string user) {
    const std::string_view nonce = credentials.get("nonce").value_or("");
    const auto made = made_at(nonce, source);
    const auto used = nonce_count(credentials);
    if (!made || *made + config_.nonce_lifetime < now || *made > now || !used ||
        !count(*made, nonce, *used)) {
        return Unproved{.stale = true};
    }
    return Proved{std::move(user)};
}

ExtraHeaders DigestServer::challenges(Instant now, const IpAddress& source, bool stale) const {
    ExtraHeaders headers;
    const std::string nonce = make_nonce(now, source);
    for (const DigestAlgorithm algorithm : config_.algorithms) {
        AuthParameters challenge;
        challenge.scheme = "Digest";
        challenge.add_quoted("realm", config_.realm);
        challenge.add_quoted("nonce", nonce);
        challenge.add("algorithm", DigestVariant{algorithm, false}.name());
        challenge.add_quoted("qop", "auth");
        if (stale) {
            challenge.add("stale", "true");
        }
        ExtraHeader header{std::string(header_name(HeaderId::WwwAuthenticate)), {}};
        challenge.write(header.value);
        headers.push_back(std::move(header));
    }
    return headers;
}

std::string DigestServer::make_nonce(Instant now, const IpAddress& source) const {
    std::array<std::uint8_t, kHeadDigits / 2> head{};
    random_.fill(head);
    store_be64(head.data(),
               static_cast<std::uint64_t>(whole_milliseconds(now.since_epoch()).count()));
    const std::string text = to_hex(head);
    return text + signature(text, source);
}

std::string DigestServer::signature(std::string_view head, const IpAddress& source) const {
    Bytes signed_text(head.begin(), head.end());
    const ByteView ip = source.bytes();
    signed_text.insert(signed_text.end(), ip.begin(), ip.end());
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> mac{};
    unsigned size = 0;
    PB_ENSURE(HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), signed_text.data(),
                   signed_text.size(), mac.data(), &size) != nullptr);
    return to_hex(ByteView(mac.data(), kMacBytes));
}

std::optional<Instant> DigestServer::made_at(std::string_view nonce,
                                             const IpAddress& source) const {
    if (nonce.size() != kNonceDigits) {
        return std::nullopt;
    }
    const std::string_view head = nonce.substr(0, kHeadDigits);
    const auto raw = from_hex(head.substr(0, kTimeDigits));
    if (!raw || !equals_in_constant_time(nonce.substr(kHeadDigits), signature(head, source))) {
        return std::nullopt;
    }
    return Instant(Milliseconds(static_cast<std::int64_t>(load_be64(raw->data()))));
}

bool DigestServer::count(Instant made, std::string_view nonce, std::uint32_t nonce_count) {
    if (nonce_count == 0 || made < forgotten_until_) {
        return false;
    }
    const auto [entry, is_new] = counts_.try_emplace(std::string(nonce));
    Counts& counts = entry->second;
    if (is_new) {
        order_.push_back({made, std::string(nonce)});
    }
    if (nonce_count > counts.highest) {
        const std::uint32_t step = nonce_count - counts.highest;
        counts.seen = (step < 64 ? counts.seen << step : 0) | 1;
        counts.highest = nonce_count;
        return true;
    }
    const std::uint32_t age = counts.highest - nonce_count;
    if (age >= 64 || (counts.seen >> age & 1) != 0) {
        return false;
    }
    counts.seen |= std::uint64_t{1} << age;
    return true;
}

// Old ones first; and where there are too many, those made before the one that goes are stale from
// now on, so that none of them can be replayed.
void DigestServer::forget_old(Instant now) {
    while (!order_.empty() && (order_.front().at + config_.nonce_lifetime < now ||
                               order_.size() > config_.counted_nonces)) {
        if (order_.front().at + config_.nonce_lifetime >= now) {
            forgotten_until_ = std::max(forgotten_until_, order_.front().at + Milliseconds(1));
        }
        counts_.erase(order_.front().nonce);
        order_.pop_front();
    }
}

}  // namespace patchbay::sip
