// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/trunk_states.hpp"

#include <mutex>
#include <string>

namespace patchbay::app {

// Which addresses of trunks do not answer, for all shards under one lock: asked once for each
// address that a call may take.
class SharedTrunkStates final : public call::TrunkStates {
  public:
    void note(const std::string& trunk, std::size_t address, bool answers) override {
        const std::lock_guard lock(mutex_);
        states_.note(trunk, address, answers);
    }
    bool answers(const std::string& trunk, std::size_t address) const override {
        const std::lock_guard lock(mutex_);
        return states_.answers(trunk, address);
    }

  private:
    mutable std::mutex mutex_;  // guards states_
    call::LocalTrunkStates states_;
};

}  // namespace patchbay::app
