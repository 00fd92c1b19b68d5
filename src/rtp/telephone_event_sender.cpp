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

// ITU-T Q.24: receivers must see a pause of 40 to 70 ms to tell two digits apart; a margin over it.
constexpr Milliseconds kGap{60};

constexpr Milliseconds kCommaPause{2000};
constexpr Milliseconds kShortestTone{40};
constexpr Milliseconds kLongestTone{6000};

constexpr std::uint32_t kLongestSegment = 0xFFFF;

}  // namespace

Result<void> TelephoneEventSender::enqueue(std::string_view digits, Milliseconds duration) {
    if (queue_.size() + digits.size() > limits::kQueuedDigits) {
        return fail(Errc::TooLarge, "digits to send");
    }
    const auto is_unknown = [](char c) { return c != ',' && !event_of_digit(c); };
    if (const auto unknown = std::ranges::find_if(digits, is_unknown); unknown != digits.end()) {
        return fail(Errc::Malformed, "digits to send", unknown - digits.begin());
    }
    const Nanoseconds tone = std::clamp(duration, kShortestTone, kLongestTone);
    for (const char digit : digits) {
        const Nanoseconds length = digit == ',' ? Nanoseconds(kCommaPause) : tone;
        queue_.push_back({event_of_digit(digit),
                          static_cast<std::uint32_t>(time_to_ticks(length, clock_rate_))});
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
        case Step::Ending: return ending();
        case Step::Pausing: pausing(step); return std::nullopt;
    }
    return std::nullopt;
}

void TelephoneEventSender::enter_next(std::uint32_t timestamp) {
    const Waiting next = queue_.front();
    queue_.pop_front();
    remaining_ = next.duration;
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

TelephoneEventSender::Packet TelephoneEventSender::ending() {
    if (--ends_left_ == 0) {
        step_ = Step::Pausing;
        remaining_ = static_cast<std::uint32_t>(time_to_ticks(kGap, clock_rate_));
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
