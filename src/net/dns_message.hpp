// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/dns_record.hpp"
#include "base/result.hpp"

namespace patchbay::net {

// Reads the answer to `question` out of a DNS message (RFC 1035 4), following aliases in it. An
// answer without such records is Errc::NotFound, a message that breaks the format Malformed.
// Unknown records are passed over. c-ares has matched the id and the question already; its own
// parsers know no time to live.
Result<DnsAnswer> parse_dns_answer(ByteView message, const DnsQuestion& question);

}  // namespace patchbay::net
