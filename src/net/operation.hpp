// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

namespace patchbay::net {

namespace detail {
class Cancelable {
  public:
    Cancelable() = default;
    Cancelable(const Cancelable&) = delete;
    Cancelable& operator=(const Cancelable&) = delete;
    virtual ~Cancelable() = default;
    virtual void cancel() = 0;
};
}  // namespace detail

// Owns something that is under way: a connect, a fetch. Destroying it cancels, and then the
// completion is not called any more. The shard's thread only.
class [[nodiscard]] Operation {
  public:
    Operation() = default;
    explicit Operation(std::weak_ptr<detail::Cancelable> target) : target_(std::move(target)) {}
    Operation(Operation&& other) noexcept : target_(std::exchange(other.target_, {})) {}
    Operation& operator=(Operation&& other) noexcept {
        cancel();
        target_ = std::exchange(other.target_, {});
        return *this;
    }
    ~Operation() { cancel(); }

    void cancel() {
        if (const auto target = std::exchange(target_, {}).lock()) {
            target->cancel();
        }
    }

  private:
    std::weak_ptr<detail::Cancelable> target_;
};

}  // namespace patchbay::net
