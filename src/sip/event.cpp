// SPDX-License-Identifier: Apache-2.0
#include "sip/event.hpp"

#include "base/overloaded.hpp"

namespace patchbay::sip {

std::string_view to_string(EndCause cause) {
    switch (cause) {
        case EndCause::LocalHangup: return "local-hangup";
        case EndCause::RemoteHangup: return "remote-hangup";
        case EndCause::AckTimeout: return "ack-timeout";
        case EndCause::DialogGone: return "dialog-gone";
        case EndCause::TransportFailure: return "transport-failure";
        case EndCause::SessionExpired: return "session-expired";
    }
    return "?";
}

std::optional<CallHandle> call_of(const Event& event) {
    using None = std::optional<CallHandle>;
    return std::visit(Overloaded{
                          [](const RequestFinished&) { return None(); },
                          [](const RegisterReceived&) { return None(); },
                          [](const auto& one) { return std::optional(one.call); },
                      },
                      event);
}

}  // namespace patchbay::sip
