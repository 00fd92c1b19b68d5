// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace patchbay {

// "Nobody wants the result any more", said by one thread and looked at by another between two
// pieces of work. Copies are the same flag: the side that asks and the side that works may end in
// either order, which is why the state is shared.
class CancelFlag {
  public:
    CancelFlag() : canceled_(std::make_shared<std::atomic<bool>>(false)) {}

    void cancel() const { canceled_->store(true, std::memory_order_release); }
    bool canceled() const { return canceled_->load(std::memory_order_acquire); }
    bool is_same_as(const CancelFlag& other) const { return canceled_ == other.canceled_; }

  private:
    std::shared_ptr<std::atomic<bool>> canceled_;
};

// A number that one thread counts up and others read: progress, drops.
class SharedCount {
  public:
    void add(std::uint64_t n) { count_.fetch_add(n, std::memory_order_relaxed); }
    std::uint64_t get() const { return count_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> count_{0};
};

}  // namespace patchbay
