// SPDX-License-Identifier: Apache-2.0
#include "webrtc/ice/consent.hpp"

#include "webrtc/limits.hpp"

#include <algorithm>

namespace patchbay::webrtc {

Consent::Consent(Instant now, Random& random, bool asks)
    : random_(&random), asks_(asks), granted_at_(now) {
    schedule(now);
}

// RFC 7675 5.1: between 0.8 and 1.2 of the interval, so that many paths do not ask at once.
void Consent::schedule(Instant now) {
    constexpr Nanoseconds kShortest = limits::kConsentInterval * 4 / 5;
    constexpr auto kSpread =
        static_cast<std::uint32_t>(whole_milliseconds(limits::kConsentInterval * 2 / 5).count());
    next_request_ = now + kShortest + Milliseconds(random_->below(kSpread + 1));
}

TransactionId Consent::make_request(Instant now) {
    schedule(now);
    outstanding_.push_back(make_transaction_id(*random_));
    return outstanding_.back();
}

bool Consent::is_outstanding(const TransactionId& id) const {
    return std::ranges::find(outstanding_, id) != outstanding_.end();
}

void Consent::grant(Instant now) {
    granted_at_ = now;
    outstanding_.clear();
}

bool Consent::is_lost(Instant now) const {
    return now >= granted_at_ + limits::kConsentLifetime;
}

// The last request may still be answered; those before it are late.
bool Consent::is_silent() const {
    return outstanding_.size() > limits::kUnansweredWhenDisconnected;
}

Instant Consent::next_timeout() const {
    const Instant end = granted_at_ + limits::kConsentLifetime;
    return asks_ ? std::min(end, next_request_) : end;
}

}  // namespace patchbay::webrtc
