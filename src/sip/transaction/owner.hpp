// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/strong.hpp"

#include <cstdint>

namespace patchbay::sip::transaction {

// Whose transaction it is; opaque to the transactions, given back with what they report. Zero:
// nobody's.
using Owner = Strong<std::uint64_t, struct OwnerTag>;

}  // namespace patchbay::sip::transaction
