// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "sip/digest.hpp"
#include "sip/limits.hpp"
#include "sip/message.hpp"
#include "sip/request.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace patchbay::sip {

// H(username:realm:password) for every algorithm: enough to check a proof, and useless for another
// realm.
struct DigestSecret {
    std::array<std::string, 3> hashed;  // by DigestAlgorithm; lower-case hexadecimal

    static DigestSecret of(std::string_view username,
                           std::string_view realm,
                           std::string_view password);
    const std::string& by(DigestAlgorithm algorithm) const {
        return hashed[static_cast<std::size_t>(algorithm)];
    }
};
using DigestAccounts = std::map<std::string, DigestSecret, std::less<>>;

struct DigestServerConfig {
    std::string realm = "patchbay";
    // One challenge each, the preferred one first (RFC 8760 2.4).
    std::vector<DigestAlgorithm> algorithms = {DigestAlgorithm::Sha256, DigestAlgorithm::Md5};
    Seconds nonce_lifetime{300};
    std::size_t counted_nonces = kMaxCountedNonces;
};

// Whether the sender of a request is who he says (RFC 3261 22, RFC 7616, RFC 8760), with qop=auth
// only. A nonce holds the time and the sender's address under a MAC, so a flood of challenges costs
// no memory; what is remembered is the counts of nonces that proved something. A nonce is good on
// the shard that made it; on another it is stale, and the client comes back with a new one.
//
// It knows no policy: who must prove himself, and what a wrong proof costs, is the caller's to say.
class DigestServer {
  public:
    DigestServer(DigestServerConfig config, Random& random);

    // The credentials are right, fresh, and were not seen before.
    struct Proved {
        std::string user;
    };
    // Nothing was proved: ask. `stale`: the password was right, the nonce was old (RFC 7616 3.3).
    struct Unproved {
        bool stale = false;
    };
    // Somebody guesses: an unknown user, or the wrong password. To be answered as Unproved is, so
    // that both look alike.
    struct Wrong {
        std::string user;
        bool known = false;
    };
    // The digest is for another Request-URI (RFC 7616 3.4.6: 400).
    struct Misdirected {};
    using Verdict = std::variant<Proved, Unproved, Wrong, Misdirected>;
    Verdict check(Instant now,
                  const IpAddress& source,
                  const Message& request,
                  const DigestAccounts& accounts);

    // The WWW-Authenticate fields of a 401.
    ExtraHeaders challenges(Instant now, const IpAddress& source, bool stale) const;

    std::size_t remembered() const { return counts_.size(); }

  private:
    // Which counts of a nonce were used: the highest, and the 64 below it, because requests may
    // overtake each other.
    struct Counts {
        std::uint32_t highest = 0;
        std::uint64_t seen = 0;  // bit 0 is `highest`
    };
    struct Made {
        Instant at;
        std::string nonce;
    };

    std::string make_nonce(Instant now, const IpAddress& source) const;
    std::string signature(std::string_view head, const IpAddress& source) const;
    // When the nonce was made; nothing when it is none of ours for that source.
    std::optional<Instant> made_at(std::string_view nonce, const IpAddress& source) const;
    Verdict judge(Instant now,
                  const IpAddress& source,
                  const AuthParameters& credentials,
                  std::string user);
    bool count(Instant made, std::string_view nonce, std::uint32_t nonce_count);
    void forget_old(Instant now);

    DigestServerConfig config_;
    Random& random_;
    std::array<std::uint8_t, 32> key_{};
    std::unordered_map<std::string, Counts> counts_;
    std::deque<Made> order_;   // of counts_, by first use
    Instant forgotten_until_;  // nonces made before are stale: their counts are gone
};

}  // namespace patchbay::sip
