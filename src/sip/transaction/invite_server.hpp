// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/transaction/action.hpp"
#include "sip/transaction/timers.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace patchbay::sip::transaction {

// The INVITE server transaction of RFC 3261 17.2.1, figure 7, with the Accepted state of RFC 6026
// 7.1. It does not repeat 2xx responses: that is the transaction user's duty (RFC 3261 13.3.1.4).
class InviteServer {
  public:
    enum class State : std::uint8_t { Proceeding, Completed, Confirmed, Accepted, Terminated };
    using Input = std::variant<ReceiveRepeat,
                               ReceiveAck,
                               SendProvisional,
                               SendSuccess,
                               SendFailure,
                               TransportError,
                               Expired>;

    explicit InviteServer(bool reliable_transport) : reliable_(reliable_transport) {}

    void start(Instant now, Actions& out);
    void handle(Instant now, const Input& input, Actions& out);
    void handle_timeout(Instant now, Actions& out);
    std::optional<Instant> next_timeout() const { return timers_.next(); }

    State state() const { return state_; }

  private:
    void proceeding(Instant now, const Input& input, Actions& out);
    void completed(Instant now, const Input& input, Actions& out);
    void confirmed(const Input& input, Actions& out);
    void accepted(const Input& input, Actions& out);

    void enter_completed(Instant now);
    void enter_confirmed(Instant now, Actions& out);
    void enter_accepted(Instant now);
    void enter_terminated(Actions& out);

    bool reliable_;
    State state_ = State::Proceeding;
    Nanoseconds repeat_interval_ = kT1;  // timer G
    Timers timers_;
};

std::string_view to_string(InviteServer::State state);

}  // namespace patchbay::sip::transaction
