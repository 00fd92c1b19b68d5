// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/result.hpp"
#include "call/sip_listener.hpp"
#include "sip/locate.hpp"
#include "sip/registration.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::call {

// Somewhere else where this server is registered as a user.
struct AccountConfig {
    std::string name;  // for logs and metrics
    sip::Uri registrar;
    sip::Uri address_of_record;
    std::string contact_user;       // calls for the account arrive for this user
    std::vector<sip::Uri> servers;  // where the registrar is reached, in order; empty: by its name
    std::vector<sip::Uri> routes;   // the Route of each REGISTER: an outbound proxy
    Seconds expires{3600};
    std::optional<sip::Credentials> credentials;

    // Names are unique.
    friend bool operator==(const AccountConfig& a, const AccountConfig& b) {
        return a.name == b.name;
    }
};

// How an account does, for people.
struct AccountStatus {
    std::string name;
    std::string registrar;
    sip::Registration::State state = sip::Registration::State::Idle;
    int last_status = 0;  // 0: no answer yet; 503: host not found
    unsigned failures = 0;

    friend bool operator==(const AccountStatus&, const AccountStatus&) = default;
};

// A server of an account whose targets are wanted (RFC 3263).
struct AccountLookup {
    std::size_t account = 0;  // its index
    std::size_t server = 0;   // of the account, its index
    sip::Uri uri;
};

// Keeps several accounts registered: finds their registrars, and leaves the rest to one
// sip::Registration each. In between it sends keep-alives, so that the NATs on the way let calls
// in. Beside the user agent of its shard; knows no calls.
class Accounts {
  public:
    Accounts(std::vector<AccountConfig> configs,
             std::vector<SipListener> listeners,
             Random& random);

    // Begins all of them; what must be looked up first is appended to `lookups`.
    void start(Instant now,
               sip::UserAgent& agent,
               sip::Outputs& out,
               std::vector<AccountLookup>& lookups);
    // Takes all bindings back.
    void stop(Instant now, sip::UserAgent& agent, sip::Outputs& out);
    void server_located(Instant now,
                        const AccountLookup& lookup,
                        const Result<std::vector<sip::Target>>& targets,
                        sip::UserAgent& agent,
                        sip::Outputs& out);
    void handle(Instant now,
                const sip::RequestFinished& finished,
                sip::UserAgent& agent,
                sip::Outputs& out);
    void handle_transport_error(Instant now,
                                const sip::Flow& flow,
                                sip::UserAgent& agent,
                                sip::Outputs& out);
    void handle_timeout(Instant now,
                        sip::UserAgent& agent,
                        sip::Outputs& out,
                        std::vector<AccountLookup>& lookups);
    std::optional<Instant> next_timeout() const;

    std::vector<AccountStatus> status(Instant now) const;

  private:
    struct Server {
        sip::Uri uri;
        std::optional<std::vector<sip::Flow>> flows;  // absent: asked for
    };
    struct Account {
        AccountConfig config;
        std::vector<Server> servers;  // in order of preference
        std::optional<sip::Registration> registration;
        std::optional<Instant> look_up_at;  // after none was found
        std::optional<Instant> keep_alive_at;
        unsigned failed_lookups = 0;
    };

    void look_up(Instant now,
                 std::size_t index,
                 sip::UserAgent& agent,
                 sip::Outputs& out,
                 std::vector<AccountLookup>& lookups);
    std::vector<sip::Flow> flows_to(const std::vector<sip::Target>& targets) const;
    void keep_alive(Instant now, Account& account, sip::Outputs& out);
    void begin_when_ready(Instant now, Account& account, sip::UserAgent& agent, sip::Outputs& out);

    std::vector<Account> accounts_;
    std::vector<SipListener> listeners_;
    Random& random_;
};

}  // namespace patchbay::call
