// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/strong.hpp"
#include "base/time.hpp"
#include "sip/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::sip {

// Names one REFER of one user agent, sent or received. Never reused.
using ReferHandle = Strong<std::uint64_t, struct ReferHandleTag>;

// How far the call has come that a REFER asked for: the status line in a NOTIFY (RFC 3515 2.4.4).
struct ReferStatus {
    int status = 0;  // 0: nobody knows
    std::string reason;

    bool is_final() const { return status >= 200; }
    friend bool operator==(const ReferStatus&, const ReferStatus&) = default;
};

// The first line of a message/sipfrag; the rest of it is nobody's business here.
std::optional<ReferStatus> parse_refer_status(std::string_view sipfrag);
std::string write_refer_status(const ReferStatus& status);

// The side that sent a REFER and waits for news (RFC 3515 2.4, RFC 4488): a machine without
// messages and timers of its own.
class ReferSubscriber {
  public:
    enum class State : std::uint8_t {
        Asking,      // no answer to the REFER yet; a NOTIFY may overtake it
        Subscribed,  // accepted, and NOTIFYs are to come
        Ended,
    };
    // What the owner tells its user; nothing when it is no news.
    struct News {
        bool final = false;
        ReferStatus status;

        friend bool operator==(const News&, const News&) = default;
    };

    // `subscribed`: the peer made a subscription; without one (RFC 4488) nothing will follow.
    std::optional<News> handle_accepted(Instant now, bool subscribed);
    News handle_refused(int status, std::string_view reason);
    // A NOTIFY; `expires` is what it says that the subscription lasts.
    std::optional<News> handle_notify(Instant now,
                                      const std::optional<ReferStatus>& status,
                                      bool terminated,
                                      std::optional<Seconds> expires);
    // Only when due: no NOTIFY came in 64*T1, or the subscription ran out.
    News handle_timeout();
    std::optional<Instant> next_timeout() const { return deadline_; }
    State state() const { return state_; }

  private:
    News end(ReferStatus status);

    State state_ = State::Asking;
    bool notified_ = false;
    ReferStatus last_;
    std::optional<Instant> deadline_;
};

// The side that was asked by a REFER and reports (RFC 3515 2.4.4, RFC 6665 4.2): one NOTIFY on its
// way at a time, so that none overtakes another; what came meanwhile is summed up in the next.
class ReferNotifier {
  public:
    explicit ReferNotifier(Instant now);

    // The status to send now; nothing while another NOTIFY is on its way.
    std::optional<ReferStatus> report(ReferStatus status);
    // The peer answered the NOTIFY: the next one to send.
    std::optional<ReferStatus> handle_answered();
    // The peer does not know the subscription, or did not answer.
    void handle_gone() { state_ = State::Ended; }
    // The news stopped; when due, the subscription ends without an outcome.
    std::optional<ReferStatus> handle_timeout();
    std::optional<Instant> next_timeout() const;
    // Seconds left, for Subscription-State.
    Seconds remaining(Instant now) const;
    bool is_ended() const { return state_ == State::Ended; }

  private:
    enum class State : std::uint8_t { Idle, Notifying, Ended };

    std::optional<ReferStatus> send(ReferStatus status);

    State state_ = State::Idle;
    bool final_sent_ = false;
    std::optional<ReferStatus> waiting_;
    Instant expires_at_;
};

}  // namespace patchbay::sip
