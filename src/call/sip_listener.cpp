// SPDX-License-Identifier: Apache-2.0
#include "call/sip_listener.hpp"

namespace patchbay::call {

sip::Flow flow_to(const std::vector<SipListener>& listeners,
                  sip::Transport transport,
                  const SocketAddress& remote) {
    sip::Flow flow{.transport = transport, .local = {}, .remote = remote};
    int best = 0;
    for (const SipListener& listener : listeners) {
        if (listener.local.ip.is_v6() != remote.ip.is_v6()) {
            continue;
        }
        const bool fits = listener.local.ip.is_unspecified() ||
                          listener.local.ip.is_loopback() == remote.ip.is_loopback();
        const int score = 1 + (listener.transport == transport ? 2 : 0) + (fits ? 1 : 0);
        if (score > best) {
            best = score;
            flow.local = listener.local;
        }
    }
    return flow;
}

}  // namespace patchbay::call
