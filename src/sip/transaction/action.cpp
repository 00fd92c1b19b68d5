// SPDX-License-Identifier: Apache-2.0
#include "sip/transaction/action.hpp"

namespace patchbay::sip::transaction {

std::string_view to_string(Action action) {
    switch (action) {
        case Action::Send: return "send";
        case Action::SendAck: return "send-ack";
        case Action::PassUp: return "pass-up";
        case Action::ReportTimeout: return "report-timeout";
        case Action::ReportTransportError: return "report-transport-error";
        case Action::End: return "end";
    }
    return "?";
}

std::string to_string(const Actions& actions) {
    std::string out;
    for (const Action action : actions) {
        out += out.empty() ? "" : " ";
        out += to_string(action);
    }
    return out;
}

}  // namespace patchbay::sip::transaction
