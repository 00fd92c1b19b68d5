// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "webrtc/stun/message.hpp"

#include <optional>
#include <vector>

namespace patchbay::webrtc {

// Consent of the peer to what we send on one path (RFC 7675): asked for every five seconds or so
// and lost when thirty seconds bring no answer. It decides when; the agent writes the messages.
class Consent {
  public:
    // The check that found the path has given it. An agent that only listens (ICE lite) does not
    // ask; it takes the peer's own checks for an answer.
    Consent(Instant now, Random& random, bool asks);

    bool is_due(Instant now) const { return asks_ && now >= next_request_; }
    // The id of the request that goes out now; it is not sent again (RFC 7675 5.1).
    TransactionId make_request(Instant now);
    bool is_outstanding(const TransactionId& id) const;
    void grant(Instant now);

    bool is_lost(Instant now) const;
    bool is_silent() const;  // several requests in a row have no answer
    Instant next_timeout() const;

  private:
    void schedule(Instant now);

    Random* random_;
    bool asks_;
    Instant granted_at_;
    Instant next_request_;
    std::vector<TransactionId> outstanding_;
};

}  // namespace patchbay::webrtc
