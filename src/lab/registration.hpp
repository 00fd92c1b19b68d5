// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "sip/event.hpp"
#include "sip/flow.hpp"
#include "sip/request.hpp"
#include "sip/uri.hpp"
#include "sip/user_agent.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace patchbay::lab {

struct RegistrationConfig {
    sip::Uri registrar;          // "sip:example.com"
    sip::Uri address_of_record;  // "sip:alice@example.com"
    sip::Flow flow;              // where the registrar is reached
    Seconds expires{300};        // asked for; the registrar decides
    std::optional<sip::Credentials> credentials;
};

// Keeps one Contact registered (RFC 3261 10.2): registers, refreshes before the binding runs out,
// tries again after a failure, and takes the binding back at the end. Digest challenges are the
// user agent's business. An engine beside the user agent that it is given.
class Registration {
  public:
    struct Registered {
        Seconds expires;
    };
    struct Failed {
        int status = 0;  // 408: no answer
    };
    using Outcome = std::variant<Registered, Failed>;

    Registration(RegistrationConfig config, Random& random);

    void start(Instant now, sip::UserAgent& agent, sip::Outputs& out);
    // Expires: 0. Its outcome is not waited for.
    void stop(Instant now, sip::UserAgent& agent, sip::Outputs& out);
    // Nothing for a request that is not ours or whose outcome only leads to another attempt.
    std::optional<Outcome> handle(Instant now,
                                  const sip::RequestFinished& finished,
                                  sip::UserAgent& agent,
                                  sip::Outputs& out);
    void handle_timeout(Instant now, sip::UserAgent& agent, sip::Outputs& out);
    std::optional<Instant> next_timeout() const { return next_; }

  private:
    void send(Instant now, Seconds expires, sip::UserAgent& agent, sip::Outputs& out);

    RegistrationConfig config_;
    std::string call_id_;
    std::uint32_t cseq_ = 0;
    std::optional<sip::RequestHandle> pending_;
    std::optional<Instant> next_;
    bool registered_ = false;
};

}  // namespace patchbay::lab
