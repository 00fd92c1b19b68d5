// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <optional>
#include <variant>

namespace patchbay::app {

// How one notification finds its way to one of several URLs: which is asked when, and when it is
// enough. An engine: it knows no HTTP and no clock.
//
// Each call begins at the URL after the one at which the last call began. What a server answers is
// final when it is a success or a refusal (4xx); a failure of the server (5xx, 429, no connection,
// time out) leads to the next URL at once, and after a whole round to a pause.
class WebhookPlan {
  public:
    struct Ask {
        std::size_t url = 0;  // index
    };
    struct Wait {
        Instant until;  // then next()
    };
    struct Taken {};
    struct GivenUp {
        int status = 0;  // of the last response; 0: there was none
    };
    using Move = std::variant<Ask, Wait, Taken, GivenUp>;

    // `attempts`: at most this many requests, at least one.
    WebhookPlan(std::size_t urls, std::size_t first, unsigned attempts);

    Move next();
    // The outcome of the request that was asked for: an HTTP status, or the failure of the way.
    Move handle(Instant now, const Result<int>& status);

  private:
    std::size_t urls_;
    std::size_t first_;
    unsigned attempts_;
    unsigned made_ = 0;
};

}  // namespace patchbay::app
