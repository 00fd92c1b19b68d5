// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "base/time.hpp"
#include "lab/meta/graph_account.hpp"

#include <optional>
#include <string>
#include <string_view>

// The texts of the Graph API and of its webhooks, written and read here and not by the server's own
// code: what both understood wrongly would otherwise look right.
namespace patchbay::lab::meta::graph {

// A request for one of the five actions.
struct ActionRequest {
    std::string messaging_product;
    std::string action;
    std::string to;
    std::string call_id;
    std::string sdp_type;
    std::string sdp;
    std::string opaque;
};
std::optional<ActionRequest> read_action(std::string_view json);

// Bodies of answers.
std::string error_text(int code, std::string_view message);
std::string created_text(const std::string& call_id);
std::string success_text();
std::string number_text(const std::string& number_id);

// What a webhook is about.
struct CallNews {
    std::string id;
    std::string user;  // number without plus, or an id
    std::string opaque = {};
    bool user_calls = false;
};
// With an offer of a user who calls, or the answer of one who is called.
std::string connect_text(const GraphAccount& account,
                         const CallNews& call,
                         const std::string& sdp,
                         WallTime at);
// "RINGING", "ACCEPTED", "REJECTED"
std::string status_text(const GraphAccount& account,
                        const CallNews& call,
                        std::string_view status,
                        WallTime at);
// `error`: 0 for a call that was completed.
std::string terminate_text(const GraphAccount& account,
                           const CallNews& call,
                           int error,
                           WallTime at);

// X-Hub-Signature-256 of a body.
std::string signature_of(std::string_view body, const Secret<std::string>& app_secret);

}  // namespace patchbay::lab::meta::graph
