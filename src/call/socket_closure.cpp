// SPDX-License-Identifier: Apache-2.0
#include "call/socket_closure.hpp"

namespace patchbay::call {

std::string explain(const SocketClosure& how) {
    if (how.error && how.error->where == kHttpStatus) {
        return "refused with HTTP status " + std::to_string(how.error->detail);
    }
    if (how.error) {
        return describe(*how.error);
    }
    return "closed by the server with " + std::to_string(how.code) +
           (how.reason.empty() ? "" : " " + how.reason);
}

}  // namespace patchbay::call
