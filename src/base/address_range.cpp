// SPDX-License-Identifier: Apache-2.0
#include "base/address_range.hpp"

#include <algorithm>
#include <cstddef>

namespace patchbay {

bool AddressRange::contains(const IpAddress& address) const {
    if (address.is_v6() != network.is_v6()) {
        return false;
    }
    const ByteView a = address.bytes();
    const ByteView b = network.bytes();
    const std::size_t whole = prefix_length / 8;
    if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) {
        return false;
    }
    const unsigned rest = prefix_length % 8;
    return rest == 0 || (a[whole] >> (8 - rest)) == (b[whole] >> (8 - rest));
}

bool contains(const std::vector<AddressRange>& ranges, const IpAddress& address) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](const AddressRange& range) { return range.contains(address); });
}

}  // namespace patchbay
