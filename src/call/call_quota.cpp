// SPDX-License-Identifier: Apache-2.0
#include "call/call_quota.hpp"

#include "call/limits.hpp"

#include <algorithm>

namespace patchbay::call {

bool LocalCallQuota::take(Instant now, const std::vector<QuotaClaim>& claims) {
    forget_idle(now);
    const bool room = std::all_of(claims.begin(), claims.end(), [&](const QuotaClaim& claim) {
        return claim.limit.calls == 0 || count(claim.who) < claim.limit.calls;
    });
    if (!room) {
        return false;
    }
    // A rate that was counted for a call which then met another limit makes the account a little
    // stricter, never looser.
    for (const QuotaClaim& claim : claims) {
        Account& account = accounts_[claim.who];
        account.last = now;
        if (!account.rate.take(now, claim.limit.rate)) {
            return false;
        }
    }
    for (const QuotaClaim& claim : claims) {
        ++accounts_[claim.who].calls;
    }
    return true;
}

void LocalCallQuota::give_back(const std::vector<QuotaClaim>& claims) {
    for (const QuotaClaim& claim : claims) {
        if (const auto found = accounts_.find(claim.who);
            found != accounts_.end() && found->second.calls > 0) {
            --found->second.calls;
        }
    }
}

std::size_t LocalCallQuota::count(std::string_view who) const {
    const auto found = accounts_.find(who);
    return found == accounts_.end() ? 0 : found->second.calls;
}

void LocalCallQuota::forget_idle(Instant now) {
    if (accounts_.size() < kQuotaAccounts) {
        return;
    }
    std::erase_if(accounts_, [&](const auto& entry) {
        return entry.second.calls == 0 && entry.second.last + kQuotaMemory < now;
    });
}

}  // namespace patchbay::call
