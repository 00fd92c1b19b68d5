// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/server/state.hpp"

#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

namespace patchbay::app {

// Asks every shard for a copy of something, each on its own thread; the one that answers last hands
// all of them to `done`.
template <class Copy, class Done>
void gather(const std::vector<std::unique_ptr<ShardHouse>>& houses, Copy copy, Done done) {
    using Value = std::invoke_result_t<Copy&, const ShardHouse&>;
    struct Round {
        Round(Copy how, Done then, std::size_t count)
            : copy(std::move(how)), finish(std::move(then)), missing(count) {}

        Copy copy;
        Done finish;
        std::mutex mutex;  // guards the rest
        std::vector<Value> values;
        std::size_t missing;
    };
    // Shared by the shards that still have to answer.
    const auto round = std::make_shared<Round>(std::move(copy), std::move(done), houses.size());
    for (const auto& house : houses) {
        (void)house->shard->post([round, one = house.get()] {
            Value value = round->copy(*one);
            const std::lock_guard lock(round->mutex);
            round->values.push_back(std::move(value));
            if (--round->missing == 0) {
                round->finish(std::move(round->values));
            }
        });
    }
}

}  // namespace patchbay::app
