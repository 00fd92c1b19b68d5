// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/transaction/action.hpp"
#include "sip/transaction/timers.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace patchbay::sip::transaction {

// The non-INVITE client transaction of RFC 3261 17.1.2, figure 6.
class NonInviteClient {
  public:
    enum class State : std::uint8_t { Trying, Proceeding, Completed, Terminated };
    using Input = std::variant<ReceiveProvisional, ReceiveFinal, TransportError, Expired>;

    explicit NonInviteClient(bool reliable_transport) : reliable_(reliable_transport) {}

    void start(Instant now, Actions& out);
    void handle(Instant now, const Input& input, Actions& out);
    void handle_timeout(Instant now, Actions& out);
    std::optional<Instant> next_timeout() const { return timers_.next(); }

    State state() const { return state_; }

  private:
    void trying(Instant now, const Input& input, Actions& out);
    void proceeding(Instant now, const Input& input, Actions& out);
    void completed(const Input& input, Actions& out);

    void enter_trying(Instant now);
    void enter_completed(Instant now, Actions& out);
    void enter_terminated(Actions& out);
    void repeat_or_give_up(Instant now, Timer timer, Actions& out);

    bool reliable_;
    State state_ = State::Trying;
    Nanoseconds repeat_interval_ = kT1;  // timer E
    Timers timers_;
};

std::string_view to_string(NonInviteClient::State state);

}  // namespace patchbay::sip::transaction
