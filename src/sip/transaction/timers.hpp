// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace patchbay::sip::transaction {

// RFC 3261 17.1.1.1 and table 4.
inline constexpr Milliseconds kT1{500};              // round-trip estimate
inline constexpr Milliseconds kT2{4'000};            // cap of the repeat interval
inline constexpr Milliseconds kT4{5'000};            // longest life of a message in the network
inline constexpr Milliseconds kPatience = 64 * kT1;  // timers B, F, H, J, L, M
inline constexpr Milliseconds kTimerD{32'000};       // "at least 32 s" on unreliable transports

// The letters of RFC 3261 table 4, and L and M of RFC 6026.
enum class Timer : std::uint8_t { A, B, D, E, F, G, H, I, J, K, L, M };

constexpr std::string_view to_string(Timer timer) {
    constexpr std::string_view kLetters = "ABDEFGHIJKLM";
    return kLetters.substr(static_cast<std::size_t>(timer), 1);
}

// Twice the interval, at most T2 (timers E and G; the 2xx of RFC 3261 13.3.1.4).
constexpr Nanoseconds doubled_to_t2(Nanoseconds interval) {
    return std::min<Nanoseconds>(2 * interval, kT2);
}

// The running timers of one transaction: never more than two.
class Timers {
  public:
    struct Armed {
        Timer timer;
        Instant at;

        friend bool operator==(const Armed&, const Armed&) = default;
    };

    // Replaces all timers: a state owns its timers, so entering one names them all.
    void set(std::initializer_list<Armed> timers) {
        slots_ = {};
        std::copy(timers.begin(), timers.end(), slots_.begin());
    }
    // Starts a timer again that has just fired.
    void rearm(Armed timer) {
        for (auto& slot : slots_) {
            if (!slot) {
                slot = timer;
                return;
            }
        }
    }
    std::optional<Instant> next() const {
        std::optional<Instant> first;
        for (const auto& slot : slots_) {
            first = earlier(first, slot ? std::optional(slot->at) : std::nullopt);
        }
        return first;
    }
    // Removes and returns the earliest timer that is due at `now`.
    std::optional<Timer> take_due(Instant now) {
        std::optional<Armed>* due = nullptr;
        for (auto& slot : slots_) {
            if (slot && slot->at <= now && (due == nullptr || slot->at < (*due)->at)) {
                due = &slot;
            }
        }
        if (due == nullptr) {
            return std::nullopt;
        }
        const Timer timer = (*due)->timer;
        due->reset();
        return timer;
    }

  private:
    std::array<std::optional<Armed>, 2> slots_{};
};

}  // namespace patchbay::sip::transaction
