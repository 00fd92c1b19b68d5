// SPDX-License-Identifier: Apache-2.0
#include "call/transition_log.hpp"

#include <algorithm>

namespace patchbay::call {

std::string TransitionLog::to_string(Instant start) const {
    std::string text;
    const std::size_t kept = std::min(count_, entries_.size());
    for (std::size_t i = count_ - kept; i < count_; ++i) {
        const Transition& entry = entries_[i % entries_.size()];
        text.append("+")
            .append(std::to_string(whole_milliseconds(entry.at - start).count()))
            .append(" ms ")
            .append(entry.machine)
            .append(": ")
            .append(entry.from)
            .append(" --")
            .append(entry.input)
            .append("--> ")
            .append(entry.to)
            .append("\n");
    }
    return text;
}

}  // namespace patchbay::call
