// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace patchbay {

// Bounded queue of values between exactly one producer thread and one consumer thread. Never waits:
// a full ring refuses the value and the producer counts what it dropped. Capacity is rounded up to
// a power of two.
template <class T>
class SpscRing {
  public:
    explicit SpscRing(std::size_t capacity) : slots_(std::bit_ceil(capacity)) {}

    // Producer. False, and `value` untouched, when the ring is full.
    bool try_push(T&& value) {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        if (tail - head_.load(std::memory_order_acquire) == slots_.size()) {
            return false;
        }
        slots_[tail & (slots_.size() - 1)] = std::move(value);
        tail_.store(tail + 1, std::memory_order_release);
        return true;
    }

    // Consumer.
    std::optional<T> try_pop() {
        const std::size_t head = head_.load(std::memory_order_relaxed);
        if (head == tail_.load(std::memory_order_acquire)) {
            return std::nullopt;
        }
        std::optional<T> value(std::move(slots_[head & (slots_.size() - 1)]));
        slots_[head & (slots_.size() - 1)] = T{};
        head_.store(head + 1, std::memory_order_release);
        return value;
    }

    // Either side; a snapshot.
    std::size_t size() const {
        return tail_.load(std::memory_order_acquire) - head_.load(std::memory_order_acquire);
    }
    std::size_t capacity() const { return slots_.size(); }

  private:
    std::vector<T> slots_;
    alignas(64) std::atomic<std::size_t> head_{0};
    alignas(64) std::atomic<std::size_t> tail_{0};
};

}  // namespace patchbay
