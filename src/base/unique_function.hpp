// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace patchbay {

// std::move_only_function for a toolchain that lacks it: a callable that owns what it captured and
// cannot be copied.
template <class Signature>
class UniqueFunction;

template <class R, class... Args>
class UniqueFunction<R(Args...)> {
  public:
    UniqueFunction() = default;

    template <class F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, UniqueFunction> &&
                 std::is_invocable_r_v<R, F&, Args...>)
    // Implicit, as std::function's is: callers pass lambdas.
    UniqueFunction(F&& f)
        : target_(std::make_unique<Target<std::decay_t<F>>>(std::forward<F>(f))) {}

    explicit operator bool() const { return target_ != nullptr; }

    R operator()(Args... args) { return target_->call(std::forward<Args>(args)...); }

  private:
    struct Callable {
        Callable() = default;
        Callable(const Callable&) = delete;
        Callable& operator=(const Callable&) = delete;
        virtual ~Callable() = default;
        virtual R call(Args... args) = 0;
    };
    template <class F>
    struct Target final : Callable {
        explicit Target(F&& f) : function(std::move(f)) {}
        explicit Target(const F& f) : function(f) {}
        R call(Args... args) override { return function(std::forward<Args>(args)...); }
        F function;
    };

    std::unique_ptr<Callable> target_;
};

}  // namespace patchbay
