// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/flow.hpp"

#include <vector>

namespace patchbay::call {

// A socket from which SIP requests can leave.
struct SipListener {
    sip::Transport transport = sip::Transport::Udp;
    SocketAddress local;
};

// By which of them a request leaves for `remote`: of its transport and address family; of the same
// kind of network (loopback or not) where there is a choice. Without any, a connection can be
// opened all the same, and the peer comes back by it.
sip::Flow flow_to(const std::vector<SipListener>& listeners,
                  sip::Transport transport,
                  const SocketAddress& remote);

}  // namespace patchbay::call
