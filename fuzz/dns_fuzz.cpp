// SPDX-License-Identifier: Apache-2.0
// Answers of a name server: the first byte chooses what was asked for.
#include "net/dns_message.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay;
    if (size == 0) {
        return 0;
    }
    const auto type = static_cast<DnsType>(data[0] % 4);
    const auto answer = net::parse_dns_answer({data + 1, size - 1}, {type, "example.com"});
    if (answer && (answer->addresses.size() + answer->srv.size() + answer->naptr.size() == 0 ||
                   answer->time_to_live < Seconds(0))) {
        __builtin_trap();
    }
    return 0;
}
