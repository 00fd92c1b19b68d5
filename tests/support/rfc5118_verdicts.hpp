// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/torture_verdict.hpp"

#include <array>

namespace patchbay::test {

// Messages in tests/data/rfc5118.
// clang-format off
inline constexpr std::array<TortureVerdict, 12> kRfc5118Verdicts = {{
    {"ipv6-good",                     "4.1",  kAccept, kAccept, 405, "an IPv6 reference in Request-URI, Via and Contact"},
    {"ipv6-bad",                      "4.2",  kRefuse, kRefuse, 400, "the Request-URI lacks the brackets"},
    {"port-ambiguous",                "4.3",  kAccept, kAccept, 405, "5070 is the last group of the address, not a port"},
    {"port-unambiguous",              "4.4",  kAccept, kAccept, 405, "5070 stands outside the brackets and is a port"},
    {"via-received-param-with-delim", "4.5",  kAccept, kAccept, 481, "received with brackets, which the grammar does not know"},
    {"via-received-param-no-delim",   "4.5",  kAccept, kAccept, 200, "received without"},
    {"ipv6-in-sdp",                   "4.6",  kAccept, kAccept, 404, "IPv6 in the session description"},
    {"mult-ip-in-header",             "4.7",  kAccept, kAccept, 481, "both families in one list of Vias"},
    {"mult-ip-in-sdp",                "4.8",  kAccept, kAccept, 404, "each stream has an address of its own family"},
    {"ipv4-mapped-ipv6",              "4.9",  kAccept, kAccept, 404, "mapped addresses in Via, Contact and description"},
    {"ipv6-bug-abnf-3-colons",        "4.10", kAccept, kAccept, 200, "what the grammar of RFC 3261 wrongly allows has to be tolerated"},
    {"ipv6-correct-abnf-2-colons",    "4.10", kAccept, kAccept, 200, "the right spelling of the same"},
}};
// clang-format on

}  // namespace patchbay::test
