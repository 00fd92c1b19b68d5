// SPDX-License-Identifier: Apache-2.0
#include "webrtc/ice/check_transactions.hpp"

#include "webrtc/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::webrtc {

void CheckTransactions::start(Instant now, Check check, Nanoseconds first_wait, IceOutputs& out) {
    out.transmits.push_back({check.path, check.request});
    running_.push_back({std::move(check), first_wait, first_wait, 1, now + first_wait, false});
}

std::optional<Check> CheckTransactions::take(const TransactionId& id) {
    const auto found =
        std::ranges::find(running_, id, [](const Running& running) { return running.check.id; });
    if (found == running_.end()) {
        return std::nullopt;
    }
    Check check = std::move(found->check);
    running_.erase(found);
    return check;
}

void CheckTransactions::cancel(const IcePath& path) {
    for (Running& running : running_) {
        if (running.check.path == path) {
            running.canceled = true;
        }
    }
}

// RFC 8489 6.2.1: the wait doubles; after the last transmission it is Rm times the first.
void CheckTransactions::send_again(Instant now, Running& running, IceOutputs& out) {
    ++running.sent;
    running.wait = running.sent == limits::kTransmissions ? running.first_wait * limits::kLastWait
                                                          : running.wait * 2;
    running.due = now + running.wait;
    out.transmits.push_back({running.check.path, running.check.request});
}

std::vector<Check> CheckTransactions::handle_timeout(Instant now, IceOutputs& out) {
    std::vector<Check> failed;
    std::erase_if(running_, [&](Running& running) {
        if (running.due > now) {
            return false;
        }
        if (running.canceled) {
            return true;
        }
        if (running.sent == limits::kTransmissions) {
            failed.push_back(std::move(running.check));
            return true;
        }
        send_again(now, running, out);
        return false;
    });
    return failed;
}

std::optional<Instant> CheckTransactions::next_timeout() const {
    std::optional<Instant> next;
    for (const Running& running : running_) {
        next = earlier(next, running.due);
    }
    return next;
}

bool CheckTransactions::is_nominating() const {
    return std::ranges::any_of(running_, [](const Running& running) {
        return running.check.nominating && !running.canceled;
    });
}

}  // namespace patchbay::webrtc
