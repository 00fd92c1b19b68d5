// SPDX-License-Identifier: Apache-2.0
// The input chooses what peer, user and clock do to one user agent; it must keep its promises
// (support/sip_adversary.hpp). Then the same bytes come as one datagram.
#include "base/ensure.hpp"
#include "sip/user_agent.hpp"
#include "support/sip_adversary.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay;
    PB_ENSURE(test::SipAdversary({data, size}).run().empty());

    SeededRandom random(1);
    sip::UserAgent agent({}, random);
    sip::Outputs out;
    agent.handle_message(Instant(Seconds(1)), sip::Flow{}, {data, size}, out);
    return 0;
}
