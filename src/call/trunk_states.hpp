// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>

namespace patchbay::call {

// Which addresses of trunks do not answer, across all shards: one of them asks, all of them call.
// Implementations that shards share lock inside.
class TrunkStates {
  public:
    TrunkStates() = default;
    TrunkStates(const TrunkStates&) = delete;
    TrunkStates& operator=(const TrunkStates&) = delete;
    virtual ~TrunkStates() = default;

    // `address`: its index among those of the trunk.
    virtual void note(const std::string& trunk, std::size_t address, bool answers) = 0;
    // Of an address that nobody has asked: true.
    virtual bool answers(const std::string& trunk, std::size_t address) const = 0;
};

// For one thread.
class LocalTrunkStates final : public TrunkStates {
  public:
    void note(const std::string& trunk, std::size_t address, bool answers) override {
        if (answers) {
            silent_.erase({trunk, address});
        } else {
            silent_.emplace(trunk, address);
        }
    }
    bool answers(const std::string& trunk, std::size_t address) const override {
        return !silent_.contains({trunk, address});
    }

  private:
    std::set<std::pair<std::string, std::size_t>> silent_;
};

}  // namespace patchbay::call
