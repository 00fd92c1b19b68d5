// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/dns_record.hpp"
#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "net/shard.hpp"

#include <memory>
#include <vector>

namespace patchbay::net {

// Asks DNS servers (c-ares on the shard's loop; nothing blocks). Names of the hosts file are
// answered from it for addresses, and have no other records. It keeps nothing: caching is its
// user's. Belongs to one shard.
class DnsClient {
  public:
    using Answered =
        UniqueFunction<void(Instant now, const DnsQuestion& question, Result<DnsAnswer> answer)>;

    // `servers`: none means those of the system (resolv.conf). Errc::System when c-ares cannot
    // start.
    static Result<DnsClient> open(Shard& shard,
                                  const std::vector<SocketAddress>& servers,
                                  Answered answered);
    DnsClient(DnsClient&&) noexcept;
    DnsClient& operator=(DnsClient&&) noexcept;
    ~DnsClient();  // questions under way are dropped

    // `answered` comes once, from the loop, never at once. Errors: NotFound, when there are no such
    // records; Malformed; Timeout; Unavailable, when no server wanted to say.
    void ask(const DnsQuestion& question);

  private:
    class State;
    explicit DnsClient(std::shared_ptr<State> state);

    std::shared_ptr<State> state_;  // shared with the waits that are under way
};

}  // namespace patchbay::net
