// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/transaction/servers.hpp"
#include "sip/transaction/timers.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace patchbay::sip {

// A 2xx of ours that is repeated until its ACK comes: at T1, doubling up to T2, for 64*T1, on every
// transport (RFC 3261 13.3.1.4).
class AwaitedAck {
  public:
    enum class Due : std::uint8_t { Nothing, Repeat, GiveUp };

    AwaitedAck(Instant now,
               transaction::ServerId transaction,
               std::uint32_t sequence,
               std::string response)
        : transaction_(transaction),
          sequence_(sequence),
          response_(std::move(response)),
          next_(now + transaction::kT1),
          end_(now + transaction::kPatience) {}

    transaction::ServerId transaction() const { return transaction_; }
    std::uint32_t sequence() const { return sequence_; }
    const std::string& response() const { return response_; }

    Instant next_timeout() const { return std::min(next_, end_); }
    Due handle_timeout(Instant now) {
        if (now >= end_) {
            return Due::GiveUp;
        }
        if (now < next_) {
            return Due::Nothing;
        }
        interval_ = transaction::doubled_to_t2(interval_);
        next_ = now + interval_;
        return Due::Repeat;
    }

  private:
    transaction::ServerId transaction_;
    std::uint32_t sequence_;
    std::string response_;
    Nanoseconds interval_ = transaction::kT1;
    Instant next_;
    Instant end_;
};

}  // namespace patchbay::sip
