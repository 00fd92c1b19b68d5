// SPDX-License-Identifier: Apache-2.0
#include "sip/session_timer.hpp"

#include "sip/header.hpp"
#include "sip/limits.hpp"

#include <algorithm>

namespace patchbay::sip {
namespace {

constexpr std::string_view kTimer = "timer";
// RFC 4028 10: the side that waits for refreshes says BYE this long before the end, or a third.
constexpr Seconds kLongestMargin{32};
// RFC 3261 timer F: a refresh that failed is not repeated sooner than a lost one would be noticed.
constexpr Seconds kRefreshPause{32};

bool supports_timer(const Message& message) {
    const auto supported = message.get<Supported>();
    return supported && supported->contains(kTimer);
}

Seconds seconds_of(std::uint32_t seconds) {
    return Seconds(std::min(seconds, kMaxSessionSeconds));
}

ExtraHeader session_expires(Seconds interval, std::string_view refresher) {
    std::string value = std::to_string(interval.count());
    if (!refresher.empty()) {
        value.append(";refresher=").append(refresher);
    }
    return {"Session-Expires", std::move(value)};
}

}  // namespace

ExtraHeaders SessionTimer::request_headers() const {
    ExtraHeaders headers;
    if (is_forgone_) {
        return headers;
    }
    if (refresher_ != Refresher::None) {
        headers.push_back(
            session_expires(interval_, refresher_ == Refresher::Local ? "uac" : "uas"));
    } else if (settings_.offered) {
        const Seconds least = peer_minimum_.value_or(Seconds(0));
        headers.push_back(session_expires(std::max(settings_.interval, least), {}));
    }
    if (peer_minimum_ && !headers.empty()) {
        headers.push_back({"Min-SE", std::to_string(peer_minimum_->count())});
    }
    return headers;
}

void SessionTimer::handle_success(Instant now, const Message& response) {
    refusals_ = 0;
    const auto agreed = response.get<SessionExpires>();
    if (!agreed || is_forgone_) {
        return stop();
    }
    const bool remote = agreed->refresher().value_or("uac") == "uas";
    start(now, seconds_of(agreed->seconds), remote ? Refresher::Remote : Refresher::Local);
}

bool SessionTimer::handle_interval_too_small(const Message& response) {
    const auto minimum = response.get<MinSe>();
    if (!minimum || minimum->seconds > kMaxSessionSeconds ||
        ++refusals_ > kMaxSessionIntervalTries) {
        return false;
    }
    const Seconds least(minimum->seconds);
    peer_minimum_ = std::max(peer_minimum_.value_or(least), least);
    interval_ = std::max(interval_, *peer_minimum_);
    return true;
}

void SessionTimer::handle_refresh_failed(Instant now, std::optional<Milliseconds> retry_after) {
    if (refresher_ == Refresher::Local) {
        refresh_at_ = now + retry_after.value_or(kRefreshPause);
    }
}

std::optional<Seconds> SessionTimer::refusal_of(const Message& request) const {
    const auto asked = request.get<SessionExpires>();
    // A proxy asked for it, on behalf of a caller who could make nothing of a 422.
    if (!asked || !supports_timer(request) || Seconds(asked->seconds) >= settings_.minimum) {
        return std::nullopt;
    }
    return settings_.minimum;
}

ExtraHeaders SessionTimer::accept(Instant now, const Message& request) {
    const bool supported = supports_timer(request);
    const auto asked = request.get<SessionExpires>();
    if (is_forgone_ || (!asked && (!supported || !settings_.offered))) {
        stop();
        return {};
    }
    const auto minimum = request.get<MinSe>();
    const Seconds least =
        std::max(settings_.minimum, minimum ? seconds_of(minimum->seconds) : settings_.minimum);
    const Seconds wanted = std::max(settings_.interval, least);
    const Seconds interval =
        asked ? std::clamp(seconds_of(asked->seconds), settings_.minimum, wanted) : wanted;
    // Table 2: who asked refreshes, unless he named the other or cannot. Where nobody asked we do.
    const bool remote = supported && asked && asked->refresher().value_or("uac") != "uas";
    start(now, interval, remote ? Refresher::Remote : Refresher::Local);
    ExtraHeaders headers{session_expires(interval_, remote ? "uac" : "uas")};
    if (remote) {
        headers.push_back({"Require", std::string(kTimer)});
    }
    return headers;
}

void SessionTimer::start(Instant now, Seconds interval, Refresher refresher) {
    interval_ = std::max(interval, settings_.minimum);
    refresher_ = refresher;
    refresh_at_.reset();
    if (refresher == Refresher::Local) {
        refresh_at_ = now + Nanoseconds(interval_) / 2;
    }
    expire_at_ =
        now + interval_ - std::min<Nanoseconds>(kLongestMargin, Nanoseconds(interval_) / 3);
}

void SessionTimer::stop() {
    refresher_ = Refresher::None;
    interval_ = Seconds(0);
    refresh_at_.reset();
    expire_at_.reset();
}

SessionTimer::Due SessionTimer::handle_timeout(Instant now) {
    if (expire_at_ && *expire_at_ <= now) {
        stop();
        return Due::Expire;
    }
    if (refresh_at_ && *refresh_at_ <= now) {
        refresh_at_.reset();
        return Due::Refresh;
    }
    return Due::Nothing;
}

std::string_view to_string(SessionTimer::Refresher refresher) {
    switch (refresher) {
        case SessionTimer::Refresher::None: return "none";
        case SessionTimer::Refresher::Local: return "local";
        case SessionTimer::Refresher::Remote: return "remote";
    }
    return "?";
}

}  // namespace patchbay::sip
