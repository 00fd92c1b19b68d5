// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "call/sip_listener.hpp"
#include "call/trunk.hpp"
#include "call/trunk_states.hpp"
#include "sip/locate.hpp"
#include "sip/user_agent.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::call {

enum class TrunkState : std::uint8_t { Unknown, Up, Down };
std::string_view to_string(TrunkState state);

// How one address of a trunk does, for people.
struct TrunkStatus {
    std::string trunk;
    std::string address;  // "sip:203.0.113.20:5060"
    TrunkState state = TrunkState::Unknown;
    int last_status = 0;  // of the answer to a ping; 0: none yet, 408: silence, 503: host not found

    friend bool operator==(const TrunkStatus&, const TrunkStatus&) = default;
};

// An address of a trunk whose targets are wanted (RFC 3263).
struct TrunkLookup {
    std::size_t probe = 0;  // its index
    sip::Uri uri;
};

// Asks the addresses of trunks by OPTIONS whether anybody is there (RFC 3261 11.1), and keeps the
// NATs on the way to them open (RFC 5626 3.5.1). Any answer is one, but for those that say that the
// next hop is out of order or silent. What it finds stands in TrunkStates, for whoever calls.
// Beside the user agent of its shard; knows no calls.
class TrunkWatch {
  public:
    TrunkWatch(const std::vector<Trunk>& trunks,
               std::vector<SipListener> listeners,
               TrunkStates* states,
               Random& random);

    // The first pings follow at once, spread over a second or so.
    void start(Instant now);
    void stop();
    void located(Instant now,
                 const TrunkLookup& lookup,
                 const Result<std::vector<sip::Target>>& targets,
                 sip::UserAgent& agent,
                 sip::Outputs& out);
    void handle(const sip::RequestFinished& finished);
    void handle_timeout(Instant now,
                        sip::UserAgent& agent,
                        sip::Outputs& out,
                        std::vector<TrunkLookup>& lookups);
    std::optional<Instant> next_timeout() const;

    std::vector<TrunkStatus> status() const;

  private:
    struct Probe {
        std::string trunk;
        std::size_t address = 0;
        sip::Uri uri;
        sip::Uri from;
        std::optional<sip::Credentials> credentials;
        std::optional<Seconds> ping;
        bool keeps_alive = false;

        TrunkState state = TrunkState::Unknown;
        int last_status = 0;
        std::optional<sip::Flow> flow = {};  // where it was last found
        std::optional<Instant> next = {};    // ping or keep-alive
        std::optional<sip::RequestHandle> pending = {};
        std::optional<Instant> patience = {};  // with the pending one
    };

    void look_up(Instant now,
                 std::size_t index,
                 sip::UserAgent& agent,
                 sip::Outputs& out,
                 std::vector<TrunkLookup>& lookups);
    void reach(Instant now, Probe& probe, sip::UserAgent& agent, sip::Outputs& out);
    void judge(Probe& probe, int status);

    std::vector<Probe> probes_;
    std::vector<SipListener> listeners_;
    TrunkStates* states_;
    Random& random_;
};

}  // namespace patchbay::call
