// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ensure.hpp"
#include "sip/transaction/timers.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace patchbay::sip::transaction {

// Inputs of the four machines. A machine's own Input variant lists those it takes.
struct ReceiveProvisional {};  // 1xx
struct ReceiveSuccess {};      // 2xx
struct ReceiveFailure {};      // 3xx to 6xx
struct ReceiveFinal {};        // 2xx to 6xx, where the difference does not matter
struct ReceiveRepeat {};       // the request again
struct ReceiveAck {};
struct SendProvisional {};  // the transaction user responds
struct SendSuccess {};
struct SendFailure {};
struct SendFinal {};
struct TransportError {};
struct Expired {
    Timer timer;
};

// What a machine asks of the layer that owns the bytes.
enum class Action : std::uint8_t {
    Send,           // the request (client), the latest response (server)
    SendAck,        // the ACK of a non-2xx response
    PassUp,         // hand the message to the transaction user
    ReportTimeout,  // the transaction user shall know that nobody answered
    ReportTransportError,
    End,  // forget the transaction
};
std::string_view to_string(Action action);

// Append-only and without allocation: no input causes more than three actions.
class Actions {
  public:
    Actions() = default;
    Actions(std::initializer_list<Action> actions) {
        for (const Action action : actions) {
            append(action);
        }
    }

    void append(Action action) {
        PB_ENSURE(count_ < items_.size());
        items_[count_++] = action;
    }
    const Action* begin() const { return items_.data(); }
    const Action* end() const { return items_.data() + count_; }

    friend bool operator==(const Actions&, const Actions&) = default;

  private:
    std::array<Action, 8> items_{};
    std::size_t count_ = 0;
};

std::string to_string(const Actions& actions);

}  // namespace patchbay::sip::transaction
