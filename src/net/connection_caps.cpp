// SPDX-License-Identifier: Apache-2.0
#include "net/connection_caps.hpp"

#include "base/ensure.hpp"

namespace patchbay::net {

bool ConnectionCaps::enter(const IpAddress& source) {
    std::size_t& of_source = sources_[source];
    if (open_ >= limits_.total || of_source >= limits_.per_source) {
        ++refused_;
        if (of_source == 0) {
            sources_.erase(source);
        }
        return false;
    }
    ++open_;
    ++of_source;
    return true;
}

void ConnectionCaps::leave(const IpAddress& source) {
    const auto found = sources_.find(source);
    PB_ENSURE(found != sources_.end());
    --open_;
    if (--found->second == 0) {
        sources_.erase(found);
    }
}

}  // namespace patchbay::net
