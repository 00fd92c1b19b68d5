// SPDX-License-Identifier: Apache-2.0
// The input chooses what clients, phones, the network and the clock do to whole calls; the server
// must keep its promises (support/call_adversary.hpp).
#include "base/ensure.hpp"
#include "call/exchange.hpp"
#include "lab/phone_engine.hpp"
#include "support/call_adversary.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    PB_ENSURE(patchbay::test::CallAdversary({data, size}).run().empty());
    return 0;
}
