// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "webrtc/ice/outputs.hpp"
#include "webrtc/stun/message.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace patchbay::webrtc {

// A check on its way.
struct Check {
    TransactionId id{};
    IcePath path;
    IceRole role = IceRole::Controlled;  // what the request says of us
    bool nominating = false;             // with USE-CANDIDATE
    Bytes request;
};

// The client transactions of connectivity checks over UDP: when a request is sent again, and when
// it is given up (RFC 8489 6.2.1). It does not know what a pair is.
class CheckTransactions {
  public:
    // The request goes out at once.
    void start(Instant now, Check check, Nanoseconds first_wait, IceOutputs& out);
    // The check that this response answers; it is over then.
    std::optional<Check> take(const TransactionId& id);
    // RFC 8445 7.3.1.4: not sent again, and no failure when nothing answers, but a late answer
    // counts.
    void cancel(const IcePath& path);
    void clear() { running_.clear(); }

    // Sends what is due; returns the checks that got no answer.
    std::vector<Check> handle_timeout(Instant now, IceOutputs& out);
    std::optional<Instant> next_timeout() const;

    std::size_t size() const { return running_.size(); }
    bool is_nominating() const;

  private:
    struct Running {
        Check check;
        Nanoseconds first_wait{0};
        Nanoseconds wait{0};
        unsigned sent = 1;
        Instant due;
        bool canceled = false;
    };

    static void send_again(Instant now, Running& running, IceOutputs& out);

    std::vector<Running> running_;
};

}  // namespace patchbay::webrtc
