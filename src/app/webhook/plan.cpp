// SPDX-License-Identifier: Apache-2.0
#include "app/webhook/plan.hpp"

#include "app/limits.hpp"

#include <algorithm>

namespace patchbay::app {
namespace {

bool is_final(int status) {
    return status < 500 && status != 429 && status != 408;
}

}  // namespace

WebhookPlan::WebhookPlan(std::size_t urls, std::size_t first, unsigned attempts)
    : urls_(urls), first_(first), attempts_(std::max(attempts, 1U)) {}

WebhookPlan::Move WebhookPlan::next() {
    if (urls_ == 0) {
        return GivenUp{};
    }
    return Ask{(first_ + made_++) % urls_};
}

WebhookPlan::Move WebhookPlan::handle(Instant now, const Result<int>& status) {
    if (status && *status >= 200 && *status < 300) {
        return Taken{};
    }
    if (made_ >= attempts_ || (status && is_final(*status))) {
        return GivenUp{status.value_or(0)};
    }
    if (made_ % urls_ == 0) {
        return Wait{now + kWebhookPause};
    }
    return next();
}

}  // namespace patchbay::app
