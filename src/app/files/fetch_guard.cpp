// SPDX-License-Identifier: Apache-2.0
#include "app/files/fetch_guard.hpp"

namespace patchbay::app {

bool FetchGuard::admits(const IpAddress& target, bool client_is_local) const {
    if (!target.is_private() || (client_is_local && target.is_loopback())) {
        return true;
    }
    return contains(allowed_, target);
}

}  // namespace patchbay::app
