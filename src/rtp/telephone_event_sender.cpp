// SPDX-License-Identifier: Apache-2.0
#include "rtp/telephone_event_sender.hpp"

#include "rtp/limits.hpp"
#include "rtp/sequence.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::rtp {
namespace {

// RFC 4733 2.5.1.4: the last packet is sent three times in all.
constexpr int kEndPackets = 3;

constexpr Milliseconds kShortest{40};
constexpr Milliseconds kLongest{6000};

constexpr std::uint32_t kLongestSegment = 0xFFFF;

}  // namespace

DigitTiming DigitTiming::clamped() const {
    return {std::clamp(tone, kShortest, kLongest), std::clamp(gap, kShortest, kLongest)};
}

Result<void> check_digits(std::string_view digits) {
    const auto is_unknown = [](char c) { return c != ',' && !event_of_digit(c); };
    if (const auto unknown = std::ranges::find_if(digits, is_unknown); unknown != digits.end()) {
        return fail(Errc::Malformed, "digits to send", unknown - digits.begin());
    }
    return {};
}

Result<void> TelephoneEventSender::enqueue(std::string_view digits, const DigitTiming& timing) {
    if (queue_.size() + digits.size() > limits::kQueuedDigits) {
        return fail(Errc::TooLarge, "digits to send");
    }
    PB_CHECK(check_digits(digits));
    const auto ticks = [&](Nanoseconds time) {
        return static_cast<std::uint32_t>(time_to_ticks(time, clock_rate_));
    };
    const DigitTiming within = timing.clamped();
    for (const char digit : digits) {
        queue_.push_back({event_of_digit(digit), ticks(digit == ',' ? kCommaPause : within.tone),
                          ticks(within.gap)});
    }
    return {};
}

void TelephoneEventSender::clear() {
    queue_.clear();
    if (step_ == Step::Sounding) {
        remaining_ = 0;
    }
}

std::optional<TelephoneEventSender::Packet> TelephoneEventSender::next(std::uint32_t timestamp,
                                                                       std::uint32_t step) {
    if (step_ == Step::Idle && !queue_.empty()) {
        enter_next(timestamp);
    }
    switch (step_) {
        case Step::Idle: return std::nullopt;
        case Step::Sounding: return sounding(step);
        case Step::Ending: return ending(step);
        case Step::Pausing: pausing(step); return std::nullopt;
    }
    return std::nullopt;
}

void TelephoneEventSender::enter_next(std::uint32_t timestamp) {
    const Waiting next = queue_.front();
    queue_.pop_front();
    remaining_ = next.duration;
    gap_ = next.gap;
    if (!next.event) {
        step_ = Step::Pausing;
        return;
    }
    step_ = Step::Sounding;
    event_ = *next.event;
    timestamp_ = timestamp;
    elapsed_ = 0;
    first_ = true;
}

// One update; the one that reaches the end of the event is the first of the end packets.
TelephoneEventSender::Packet TelephoneEventSender::sounding(std::uint32_t step) {
    const std::uint32_t progress = std::min(step, remaining_);
    elapsed_ += progress;
    if (elapsed_ > kLongestSegment) {
        timestamp_ += kLongestSegment;  // RFC 4733 2.5.1.3
        elapsed_ -= kLongestSegment;
    }
    remaining_ -= progress;
    const bool marker = std::exchange(first_, false);
    if (remaining_ > 0) {
        return packet(marker, false);
    }
    step_ = Step::Ending;
    ends_left_ = kEndPackets - 1;
    return packet(marker, true);
}

// The copies of the end are sent while the pause runs already.
TelephoneEventSender::Packet TelephoneEventSender::ending(std::uint32_t step) {
    gap_ -= std::min(step, gap_);
    if (--ends_left_ == 0) {
        step_ = gap_ > 0 ? Step::Pausing : Step::Idle;
        remaining_ = gap_;
    }
    return packet(false, true);
}

void TelephoneEventSender::pausing(std::uint32_t step) {
    remaining_ -= std::min(step, remaining_);
    if (remaining_ == 0) {
        step_ = Step::Idle;
    }
}

TelephoneEventSender::Packet TelephoneEventSender::packet(bool marker, bool end) const {
    const TelephoneEvent event{
        .event = event_, .end = end, .duration = static_cast<std::uint16_t>(elapsed_)};
    return {marker, timestamp_, event.to_bytes()};
}

}  // namespace patchbay::rtp
