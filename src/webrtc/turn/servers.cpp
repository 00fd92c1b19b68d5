// SPDX-License-Identifier: Apache-2.0
#include "webrtc/turn/servers.hpp"

#include "webrtc/limits.hpp"

#include <utility>

namespace patchbay::webrtc {

TurnCredentials TurnServer::credentials(WallTime now) const {
    if (!secret) {
        return {username, credential.reveal()};
    }
    return make_rest_credentials(*secret, username,
                                 WallTime{now.milliseconds + Milliseconds(ttl).count()});
}

TurnServers::TurnServers(std::vector<TurnServer> servers) {
    for (TurnServer& server : servers) {
        entries_.push_back({std::move(server), std::nullopt});
    }
}

std::optional<std::size_t> TurnServers::next(Instant now, std::size_t from) const {
    for (std::size_t i = from; i < entries_.size(); ++i) {
        if (!entries_[i].rests_until || *entries_[i].rests_until <= now) {
            return i;
        }
    }
    return std::nullopt;
}

void TurnServers::rest(Instant now, std::size_t index) {
    entries_[index].rests_until = now + limits::kTurnRest;
}

}  // namespace patchbay::webrtc
