// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "call/keys.hpp"
#include "webrtc/ice/outputs.hpp"

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace patchbay::call {

// Whose a datagram on the browsers' port is: a check says so by its USERNAME, everything else by
// the path that it comes on, which was sent to or proven before.
class PeerRoutes {
  public:
    // A restart of ICE brings another fragment; the earlier ones still name the path that works.
    void add(const std::string& ufrag, SessionKey session);
    // The session sends there. Who was there first stays.
    void use(const webrtc::IcePath& path, SessionKey session) { by_path_.emplace(path, session); }
    // A genuine check of the session's browser came from there: it is nobody else's.
    void prove(const webrtc::IcePath& path, SessionKey session) { by_path_[path] = session; }
    void remove(SessionKey session);

    std::optional<SessionKey> find(const webrtc::IcePath& path, ByteView datagram) const;

  private:
    std::unordered_map<std::string, SessionKey> by_ufrag_;
    std::map<SessionKey, std::vector<std::string>> generations_;  // the oldest first
    std::map<webrtc::IcePath, SessionKey> by_path_;
};

}  // namespace patchbay::call
