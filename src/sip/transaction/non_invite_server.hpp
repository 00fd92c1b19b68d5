// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/transaction/action.hpp"
#include "sip/transaction/timers.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace patchbay::sip::transaction {

// The non-INVITE server transaction of RFC 3261 17.2.2, figure 8.
class NonInviteServer {
  public:
    enum class State : std::uint8_t { Trying, Proceeding, Completed, Terminated };
    using Input = std::variant<ReceiveRepeat, SendProvisional, SendFinal, TransportError, Expired>;

    explicit NonInviteServer(bool reliable_transport) : reliable_(reliable_transport) {}

    void start(Instant now, Actions& out);
    void handle(Instant now, const Input& input, Actions& out);
    void handle_timeout(Instant now, Actions& out);
    std::optional<Instant> next_timeout() const { return timers_.next(); }

    State state() const { return state_; }

  private:
    void trying(Instant now, const Input& input, Actions& out);
    void proceeding(Instant now, const Input& input, Actions& out);
    void completed(const Input& input, Actions& out);

    void enter_completed(Instant now, Actions& out);
    void enter_terminated(Actions& out);

    bool reliable_;
    State state_ = State::Trying;
    Timers timers_;
};

std::string_view to_string(NonInviteServer::State state);

}  // namespace patchbay::sip::transaction
