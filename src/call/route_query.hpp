// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "call/route.hpp"
#include "sip/message.hpp"

namespace patchbay::call {

// What an INVITE asks of the route table. The callee is the user part of the Request-URI; who calls
// a mere Contact of ours means the user in To. Which trunk or user sent it is the caller's to add.
// Malformed: no URI in it can be read.
Result<RouteQuery> query_of(const sip::Message& invite);

}  // namespace patchbay::call
