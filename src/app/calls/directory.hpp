// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/calls/event_log.hpp"
#include "base/result.hpp"
#include "call/ids.hpp"
#include "call/summary.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace patchbay::app {

// All calls of the server by id: which shard has them, and what lists show. The only thing the
// shards share about calls; touched at birth, change of state and death, never per packet. Lists
// read the summaries kept here and disturb no shard. Any thread may call.
class Directory {
  public:
    struct Entry {
        unsigned shard = 0;
        // Set by the call's first update; before that the id is only reserved, and after the call's
        // end it is kept for a client that may come back.
        std::optional<call::SessionSummary> summary;
        std::shared_ptr<EventLog> log;  // of a call whose client may come back
        bool claimed = false;           // an application is about to take this incoming call
    };

    // Takes the id for a call that is about to begin on `shard`. One atomic step, so that of two
    // sockets with one id exactly one wins. Errc::Duplicate when the id is taken.
    Result<void> reserve(const call::SessionId& id, unsigned shard);
    // Also enters a call that reserved nothing: one that came in by SIP.
    void update(unsigned shard, const call::SessionSummary& summary);
    void release(const call::SessionId& id);
    // The call is over, and its id stays taken.
    void end(const call::SessionId& id);

    // Takes an incoming call that waits for its application, by its id or its Call-ID; of two
    // clients exactly one wins. NotFound: there is no call of that name. Duplicate: it is no such
    // call, or it has been claimed.
    struct Claim {
        call::SessionId id;
        unsigned shard = 0;
    };
    Result<Claim> claim(const call::SessionId& id);
    void unclaim(const call::SessionId& id);
    void keep_log(const call::SessionId& id, std::shared_ptr<EventLog> log);

    std::optional<Entry> find(const call::SessionId& id) const;
    // A call that has begun, by session id or SIP Call-ID.
    std::optional<call::SessionSummary> find_call(std::string_view name) const;
    // How many calls have begun: for those who need no list.
    std::size_t count() const;
    // Calls that have begun, oldest first.
    std::vector<call::SessionSummary> list() const;

  private:
    std::map<call::SessionId, Entry>::iterator find_offered(const call::SessionId& id);

    mutable std::mutex mutex_;
    std::map<call::SessionId, Entry> entries_;  // guarded by mutex_
};

}  // namespace patchbay::app
