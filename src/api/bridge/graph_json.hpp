// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/graph/action.hpp"
#include "bridge/graph/notice.hpp"
#include "wire/decode_error.hpp"

#include <string>
#include <string_view>
#include <vector>

// Calls in the JSON of WhatsApp's Graph API. Where Meta's own texts disagree with each other, both
// are read.
namespace patchbay::api::bridge {

// The body of a webhook request. What is not about calls, or of a kind that nobody knows, is not
// among them.
wire::Decoded<std::vector<patchbay::bridge::graph::Notice>> read_graph_webhook(
    std::string_view json);

// The body of POST /{phone-number-id}/calls.
std::string write_graph_action(const patchbay::bridge::graph::Action& action);
// A body that is no JSON is an answer without words.
patchbay::bridge::graph::Response read_graph_response(int status, std::string_view json);

}  // namespace patchbay::api::bridge
