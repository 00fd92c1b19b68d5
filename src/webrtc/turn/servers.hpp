// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "base/time.hpp"
#include "webrtc/turn/rest_credentials.hpp"
#include "webrtc/turn/url.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::webrtc {

// One way to a TURN server of ours, and by which right.
struct TurnServer {
    TurnUrl url;
    std::string username;
    Secret<std::string> credential;
    // Instead of the credential: shared with the server, see make_rest_credentials().
    std::optional<Secret<std::string>> secret;
    Seconds ttl{3600};

    TurnCredentials credentials(WallTime now) const;
};

// The TURN servers of a shard, in the order in which they are wanted. One that failed is passed
// over for a while, so that only the first call waits for a server that is silent.
class TurnServers {
  public:
    explicit TurnServers(std::vector<TurnServer> servers);

    bool empty() const { return entries_.empty(); }
    const TurnServer& at(std::size_t index) const { return entries_[index].server; }
    // The first one from `from` on that does not rest.
    std::optional<std::size_t> next(Instant now, std::size_t from) const;
    void rest(Instant now, std::size_t index);
    void wake(std::size_t index) { entries_[index].rests_until.reset(); }

  private:
    struct Entry {
        TurnServer server;
        std::optional<Instant> rests_until;
    };
    std::vector<Entry> entries_;
};

}  // namespace patchbay::webrtc
