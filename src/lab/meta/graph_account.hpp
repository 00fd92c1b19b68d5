// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "base/time.hpp"
#include "lab/meta/account.hpp"

#include <string>

namespace patchbay::lab::meta {

// A business number as Meta's Graph API knows it, and how its webhooks go astray.
struct GraphAccount {
    Account users;  // their number, and how they behave; what is of SIP there is not asked
    std::string number_id = "100000000000001";
    Secret<std::string> access_token{"fake-token"};
    Secret<std::string> app_secret{"fake-secret"};
    Secret<std::string> verify_token{"fake-verify"};
    bool twice = false;        // each webhook comes twice
    bool reversed = false;     // what is said of an answer comes before what was said earlier
    Milliseconds late_end{0};  // how long after a call its end is told

    friend bool operator==(const GraphAccount&, const GraphAccount&) = default;
};

}  // namespace patchbay::lab::meta
