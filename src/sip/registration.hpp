// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "sip/event.hpp"
#include "sip/flow.hpp"
#include "sip/request.hpp"
#include "sip/uri.hpp"
#include "sip/user_agent.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::sip {

struct RegistrationConfig {
    Uri registrar;          // "sip:example.com"
    Uri address_of_record;  // "sip:alice@example.com"
    // User part of the Contact, by which calls are told apart; empty: the shard's own.
    std::string contact_user;
    // Where the registrar is reached, in order of preference; at least one.
    std::vector<Flow> flows;
    std::vector<NameAddr> routes;  // an outbound proxy (RFC 3261 8.1.2)
    Seconds expires{300};          // asked for; the registrar decides
    std::optional<Credentials> credentials;
    // RFC 5626 4.5: the waiting time after a failure of every flow doubles from the one to the
    // other, and is spread at random, so that the phones of a broken registrar do not come at once.
    Seconds shortest_retry{30};
    Seconds longest_retry{1800};
};

// Keeps one Contact registered (RFC 3261 10.2): registers, refreshes before the binding runs out,
// goes on to the next flow when one fails, backs off when all did, and takes the binding back at
// the end. Digest challenges are the user agent's business. An engine beside the user agent that it
// is given; whatever resolves names gives it flows.
class Registration {
  public:
    struct Registered {
        Seconds expires;
    };
    struct Failed {
        int status = 0;  // 408: no answer
    };
    using Outcome = std::variant<Registered, Failed>;

    enum class State : std::uint8_t {
        Idle,         // not started, or stopped
        Registering,  // no binding yet, the request is under way
        Registered,
        Failing,  // no binding, the next try waits for its time
    };

    Registration(RegistrationConfig config, Random& random);

    void start(Instant now, UserAgent& agent, Outputs& out);
    // Expires: 0. Its outcome is not waited for.
    void stop(Instant now, UserAgent& agent, Outputs& out);
    // Nothing for a request that is not ours or whose outcome only leads to another attempt.
    std::optional<Outcome> handle(Instant now,
                                  const RequestFinished& finished,
                                  UserAgent& agent,
                                  Outputs& out);
    // The flow broke: a binding that was reached by it is made anew at once.
    void handle_transport_error(Instant now, const Flow& flow, UserAgent& agent, Outputs& out);
    void handle_timeout(Instant now, UserAgent& agent, Outputs& out);
    std::optional<Instant> next_timeout() const { return next_; }
    // Other ways to the registrar, from the next request on.
    void set_flows(std::vector<Flow> flows);

    State state(Instant now) const;
    int last_status() const { return last_status_; }  // 0: none yet
    // Failures since the last success.
    unsigned failures() const { return failures_; }
    const Flow& flow() const { return config_.flows[flow_]; }
    const RegistrationConfig& config() const { return config_; }

  private:
    void send(Instant now, Seconds expires, UserAgent& agent, Outputs& out);
    std::optional<Outcome> succeed(Instant now, const Message& response);
    std::optional<Outcome> fail(Instant now,
                                const RequestFinished& finished,
                                UserAgent& agent,
                                Outputs& out);
    bool take_longer_interval(const Message& response);
    Nanoseconds waiting_time(const std::optional<Message>& response);
    Seconds granted(const Message& response) const;

    RegistrationConfig config_;
    Random& random_;
    std::string call_id_;
    std::uint32_t cseq_ = 0;
    std::size_t flow_ = 0;         // of config_.flows
    std::size_t flows_tried_ = 0;  // since the last success or wait
    unsigned failures_ = 0;
    int last_status_ = 0;
    std::optional<RequestHandle> pending_;
    std::optional<Instant> next_;
    std::optional<Instant> registered_until_;
};

std::string_view to_string(Registration::State state);

}  // namespace patchbay::sip
