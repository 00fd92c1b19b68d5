// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/transaction/action.hpp"
#include "sip/transaction/timers.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace patchbay::sip::transaction {

// The INVITE client transaction of RFC 3261 17.1.1, figure 5, with the Accepted state of RFC 6026
// 7.2. Knows states and timers only: the layer owns the messages and the flow.
class InviteClient {
  public:
    enum class State : std::uint8_t { Calling, Proceeding, Completed, Accepted, Terminated };
    using Input =
        std::variant<ReceiveProvisional, ReceiveSuccess, ReceiveFailure, TransportError, Expired>;

    explicit InviteClient(bool reliable_transport) : reliable_(reliable_transport) {}

    void start(Instant now, Actions& out);
    void handle(Instant now, const Input& input, Actions& out);
    void handle_timeout(Instant now, Actions& out);
    std::optional<Instant> next_timeout() const { return timers_.next(); }

    State state() const { return state_; }

  private:
    void calling(Instant now, const Input& input, Actions& out);
    void proceeding(Instant now, const Input& input, Actions& out);
    void completed(const Input& input, Actions& out);
    void accepted(const Input& input, Actions& out);

    void enter_calling(Instant now);
    void enter_proceeding();
    void enter_completed(Instant now, Actions& out);
    void enter_accepted(Instant now);
    void enter_terminated(Actions& out);

    bool reliable_;
    State state_ = State::Calling;
    Nanoseconds repeat_interval_ = kT1;  // timer A
    Timers timers_;
};

std::string_view to_string(InviteClient::State state);

}  // namespace patchbay::sip::transaction
