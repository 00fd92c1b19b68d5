// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sip/message.hpp"

#include <string>
#include <string_view>

namespace patchbay::sip::transaction {

// What makes two messages belong to one transaction, as text to look up by.

// RFC 3261 17.1.3: the branch of the top Via, and the method of CSeq.
Result<std::string> client_key(const Message& response);
std::string client_key(std::string_view branch, std::string_view method);

// RFC 3261 17.2.3: the branch, sent-by, and the method, where ACK counts as INVITE. A request
// without the magic cookie (RFC 2543) is known by Request-URI, From tag, Call-ID, CSeq number and
// top Via; the To tag is left out, because an ACK carries ours, and nothing else tells the ACK from
// its INVITE.
Result<std::string> server_key(const Message& request);
// The key of the INVITE that a CANCEL wants to cancel (RFC 3261 9.2).
Result<std::string> canceled_key(const Message& cancel);

// RFC 3261 8.2.2.2: one request that came by two ways has two branches and one of these.
Result<std::string> merge_key(const Message& request);

}  // namespace patchbay::sip::transaction
