// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "rtp/telephone_event.hpp"

#include <array>
#include <cstdint>
#include <list>
#include <optional>
#include <string_view>

namespace patchbay::rtp {

// How digits are sent. ITU-T Q.24: receivers must see a pause of 40 to 70 ms to tell two equal
// digits apart; a margin over it.
struct DigitTiming {
    Milliseconds tone{100};
    Milliseconds gap{80};

    // Within what receivers understand: 40 ms to 6 s each.
    DigitTiming clamped() const;

    friend bool operator==(const DigitTiming&, const DigitTiming&) = default;
};

// ',' in a string of digits, as dial strings write it.
inline constexpr Milliseconds kCommaPause{2000};

// All are digits or ','; otherwise Malformed with the place of the first that is none.
Result<void> check_digits(std::string_view digits);

// Plays a queue of digits as telephone-event packets, one per step (RFC 4733 2.5.1): marker on the
// first, timestamp frozen at the start of the event, duration growing, three end packets, then a
// pause. An event longer than 65535 ticks goes on as further segments. Asked at every packet time
// by the owner, who sends no audio while busy().
class TelephoneEventSender {
  public:
    struct Packet {
        bool marker = false;
        std::uint32_t timestamp = 0;
        std::array<std::uint8_t, TelephoneEvent::kSize> payload{};
    };

    explicit TelephoneEventSender(std::uint32_t clock_rate) : clock_rate_(clock_rate) {}

    // All digits or, when one of them is none or the queue would pass its limit, nothing. A ',' is
    // a pause of two seconds, as dial strings write it. Durations: 40 to 6000 ms, the gap after
    // each digit 40 ms to 6 s; others are clamped.
    Result<void> enqueue(std::string_view digits, const DigitTiming& timing = {});

    // True while an event or the pause after it is under way, or digits wait.
    bool busy() const { return step_ != Step::Idle || !queue_.empty(); }

    // The packet for the `step` ticks that begin at `timestamp` (Sender::timestamp()); nothing
    // while pausing or idle.
    std::optional<Packet> next(std::uint32_t timestamp, std::uint32_t step);

    // Forgets what waits; an event under way still gets its end.
    void clear();

  private:
    enum class Step : std::uint8_t { Idle, Sounding, Ending, Pausing };
    struct Waiting {
        std::optional<std::uint8_t> event;  // absent: a pause
        std::uint32_t duration = 0;         // ticks
        std::uint32_t gap = 0;              // ticks of the pause after it
    };

    void enter_next(std::uint32_t timestamp);
    Packet sounding(std::uint32_t step);
    Packet ending(std::uint32_t step);
    void pausing(std::uint32_t step);
    Packet packet(bool marker, bool end) const;

    std::uint32_t clock_rate_;
    std::list<Waiting> queue_;
    Step step_ = Step::Idle;
    std::uint8_t event_ = 0;
    std::uint32_t timestamp_ = 0;  // of the segment under way
    std::uint32_t elapsed_ = 0;    // ticks of the segment so far
    std::uint32_t remaining_ = 0;  // ticks of event or pause left
    std::uint32_t gap_ = 0;        // ticks of the pause after the event, the end packets included
    bool first_ = false;
    int ends_left_ = 0;
};

}  // namespace patchbay::rtp
