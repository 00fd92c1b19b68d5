// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sip/message.hpp"

#include <string>
#include <vector>

namespace patchbay::sip::transaction {

// The two requests that travel hop by hop along an INVITE, with its branch and CSeq number.

// RFC 3261 17.1.1.3: the ACK of a 300-699 response.
Result<std::string> make_failure_ack(const Message& invite, const Message& response);
// RFC 3261 9.1, with the values of its Reason headers (RFC 3326).
Result<Message> make_cancel(const Message& invite, const std::vector<std::string>& reasons);

}  // namespace patchbay::sip::transaction
