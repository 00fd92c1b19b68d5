// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/detail/await.hpp"
#include "net/detail/channel.hpp"
#include "net/shard.hpp"
#include "net/tls_context.hpp"

namespace patchbay::net::detail {

// Begins TLS on the channel as a server; false when that fails. The shard moves the records, its
// HandshakeThread computes. Ends early when the channel is closed.
Awaitable<bool> accept_tls(Shard& shard, Channel& channel, TlsContext context);

}  // namespace patchbay::net::detail
