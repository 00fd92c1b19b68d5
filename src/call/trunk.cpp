// SPDX-License-Identifier: Apache-2.0
#include "call/trunk.hpp"

#include <algorithm>

namespace patchbay::call {

const Trunk* find_trunk(const Trunks& trunks, std::string_view name) {
    const auto found = std::find_if(trunks.begin(), trunks.end(),
                                    [&](const Trunk& trunk) { return trunk.name == name; });
    return found == trunks.end() ? nullptr : &*found;
}

const Trunk* trunk_of(const Trunks& trunks, const IpAddress& source) {
    const auto found = std::find_if(trunks.begin(), trunks.end(), [&](const Trunk& trunk) {
        return contains(trunk.sources, source);
    });
    return found == trunks.end() ? nullptr : &*found;
}

}  // namespace patchbay::call
