// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "call/ids.hpp"
#include "call/summary.hpp"

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace patchbay::app {

// All calls of the server by id: which shard has them, and what lists show. The only thing the
// shards share about calls; touched at birth, change of state and death, never per packet. Lists
// read the summaries kept here and disturb no shard. Any thread may call.
class Directory {
  public:
    struct Entry {
        unsigned shard = 0;
        // Set by the call's first update; before that the id is only reserved.
        std::optional<call::SessionSummary> summary;
    };

    // Takes the id for a call that is about to begin on `shard`. One atomic step, so that of two
    // sockets with one id exactly one wins. Errc::Duplicate when the id is taken.
    Result<void> reserve(const call::SessionId& id, unsigned shard);
    // Also enters a call that reserved nothing: one that came in by SIP.
    void update(unsigned shard, const call::SessionSummary& summary);
    void release(const call::SessionId& id);

    std::optional<Entry> find(const call::SessionId& id) const;
    // How many calls have begun: for those who need no list.
    std::size_t count() const;
    // Calls that have begun, oldest first.
    std::vector<call::SessionSummary> list() const;

  private:
    mutable std::mutex mutex_;
    std::map<call::SessionId, Entry> entries_;  // guarded by mutex_
};

}  // namespace patchbay::app
