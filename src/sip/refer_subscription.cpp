// SPDX-License-Identifier: Apache-2.0
#include "sip/refer_subscription.hpp"

#include "base/text.hpp"
#include "sip/limits.hpp"
#include "sip/status.hpp"
#include "sip/transaction/timers.hpp"

#include <algorithm>

namespace patchbay::sip {

std::optional<ReferStatus> parse_refer_status(std::string_view sipfrag) {
    const std::string_view line = trim(split_once(sipfrag, '\n').first);
    const auto [version, rest] = split_once(line, ' ');
    if (!equals_ignoring_case(version, "SIP/2.0")) {
        return std::nullopt;
    }
    const auto [code, reason] = split_once(trim(rest), ' ');
    const auto status = parse_number<int>(code);
    if (code.size() != 3 || !status || *status < 100 || *status > 699) {
        return std::nullopt;
    }
    return ReferStatus{*status, std::string(trim(reason))};
}

std::string write_refer_status(const ReferStatus& status) {
    std::string line = "SIP/2.0 " + std::to_string(status.status) + ' ';
    line.append(status.reason.empty() ? reason_phrase(status.status) : status.reason);
    return line + "\r\n";
}

std::optional<ReferSubscriber::News> ReferSubscriber::handle_accepted(Instant now,
                                                                      bool subscribed) {
    if (state_ != State::Asking) {
        return std::nullopt;
    }
    if (!subscribed) {
        return end({});
    }
    state_ = State::Subscribed;
    if (!notified_) {
        deadline_ = now + transaction::kPatience;
    }
    return std::nullopt;
}

ReferSubscriber::News ReferSubscriber::handle_refused(int status, std::string_view reason) {
    return end({status, std::string(reason)});
}

std::optional<ReferSubscriber::News> ReferSubscriber::handle_notify(
    Instant now,
    const std::optional<ReferStatus>& status,
    bool terminated,
    std::optional<Seconds> expires) {
    if (state_ == State::Ended) {
        return std::nullopt;
    }
    notified_ = true;
    const bool news = status && *status != last_;
    last_ = status.value_or(last_);
    if (terminated || last_.is_final()) {
        return end(last_);
    }
    deadline_ = now + std::min(expires.value_or(kReferExpires), kLongestReferExpires);
    return news ? std::optional(News{false, last_}) : std::nullopt;
}

ReferSubscriber::News ReferSubscriber::handle_timeout() {
    // RFC 3515 has no word for it; a request that nobody answers is a 408 (RFC 3261 8.1.3.1).
    return end({408, {}});
}

ReferSubscriber::News ReferSubscriber::end(ReferStatus status) {
    state_ = State::Ended;
    deadline_.reset();
    return {true, std::move(status)};
}

ReferNotifier::ReferNotifier(Instant now) : expires_at_(now + kReferExpires) {}

std::optional<ReferStatus> ReferNotifier::report(ReferStatus status) {
    if (state_ == State::Ended || final_sent_ || (waiting_ && waiting_->is_final())) {
        return std::nullopt;
    }
    if (state_ == State::Notifying) {
        waiting_ = std::move(status);
        return std::nullopt;
    }
    return send(std::move(status));
}

std::optional<ReferStatus> ReferNotifier::handle_answered() {
    if (state_ != State::Notifying) {
        return std::nullopt;
    }
    state_ = final_sent_ ? State::Ended : State::Idle;
    if (final_sent_ || !waiting_) {
        return std::nullopt;
    }
    ReferStatus next = std::move(*waiting_);
    waiting_.reset();
    return send(std::move(next));
}

std::optional<ReferStatus> ReferNotifier::handle_timeout() {
    // Idle: whoever made the call forgot to report. While a NOTIFY is on its way, that one's
    // transaction times out by itself.
    return state_ == State::Idle ? send({487, {}}) : std::nullopt;
}

std::optional<Instant> ReferNotifier::next_timeout() const {
    return state_ == State::Idle ? std::optional(expires_at_) : std::nullopt;
}

Seconds ReferNotifier::remaining(Instant now) const {
    return std::chrono::duration_cast<Seconds>(
        std::max<Nanoseconds>(expires_at_ - now, Seconds(0)));
}

std::optional<ReferStatus> ReferNotifier::send(ReferStatus status) {
    state_ = State::Notifying;
    final_sent_ = status.is_final();
    return status;
}

}  // namespace patchbay::sip
