// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config/config.hpp"
#include "base/address.hpp"

#include <utility>
#include <vector>

namespace patchbay::app {

// Which addresses a URL given by a client may lead to. Asked with the address that the name
// resolved to, right before the connection, so that DNS cannot change its mind in between. URLs of
// the configuration are trusted and do not pass here.
//
// Public addresses are free. Loopback is for clients that are on loopback themselves. Everything
// else that is private needs an entry in `[fetch] allow`.
class FetchGuard {
  public:
    FetchGuard() = default;
    explicit FetchGuard(std::vector<AddressRange> allowed) : allowed_(std::move(allowed)) {}

    bool admits(const IpAddress& target, bool client_is_local) const;

  private:
    std::vector<AddressRange> allowed_;
};

}  // namespace patchbay::app
