// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"

#include <vector>

namespace patchbay {

// "10.0.0.0/8": every address that begins with the same bits, of the same family.
struct AddressRange {
    IpAddress network;
    unsigned prefix_length = 0;  // bits

    bool contains(const IpAddress& address) const;

    friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

bool contains(const std::vector<AddressRange>& ranges, const IpAddress& address);

}  // namespace patchbay
