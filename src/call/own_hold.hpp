// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>

namespace patchbay::call {

// Our own hold of the far end: what the client wants, what both sides agreed on, and the offer that
// leads from one to the other. One offer at a time; what is wanted meanwhile follows when it is
// answered. An offer that collides with one of the peer's goes again after the pause that the
// signalling names (RFC 3261 14.1). It knows no SDP and no SIP. Owned by the session.
class OwnHold {
  public:
    enum class Action : std::uint8_t {
        None,
        Offer,   // send an offer of wants_hold()
        Done,    // what is wanted is in force
        Failed,  // the peer refused; what was agreed before stays in force
    };

    // Done when it is so already.
    Action want(bool held);
    Action handle_answered();
    Action handle_refused(Instant now, std::optional<Milliseconds> retry_after);
    Action handle_timeout(Instant now);
    std::optional<Instant> next_timeout() const { return retry_at_; }

    bool wants_hold() const { return wanted_; }
    bool is_holding() const { return agreed_; }
    // An offer of ours is on its way, or waits to go again.
    bool is_busy() const { return offered_.has_value() || retry_at_; }

  private:
    Action offer();

    bool wanted_ = false;
    bool agreed_ = false;
    std::optional<bool> offered_;
    std::optional<Instant> retry_at_;
    int collisions_ = 0;
};

}  // namespace patchbay::call
