// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "sdp/session_description.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace patchbay::sdp {

// Our o= line through the life of one call: the session id never changes, the version grows by one
// whenever the description differs from the last one sent, and only then (RFC 3264 8).
class LocalSession {
  public:
    explicit LocalSession(Random& random);

    // The text to send; `description` gets our origin.
    std::string publish(SessionDescription description);

    // What was published last.
    const std::optional<SessionDescription>& current() const { return current_; }

  private:
    std::uint64_t id_;
    std::uint64_t version_ = 0;
    std::optional<SessionDescription> current_;
};

}  // namespace patchbay::sdp
