// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "sip/message.hpp"
#include "sip/request.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace patchbay::sip {

// What an operator may say of session timers (RFC 4028).
struct SessionTimerSettings {
    // Asked for in our INVITEs, and given to peers that support it without asking. Otherwise only
    // peers that ask get one.
    bool offered = true;
    Seconds interval{1800};  // RFC 4028 4.2 recommends half an hour
    Seconds minimum{90};     // shorter ones are refused with 422; RFC 4028 5 allows no less

    friend bool operator==(const SessionTimerSettings&, const SessionTimerSettings&) = default;
};

// The session timer of one call: a call whose peer vanished without BYE ends, because one side
// renews the session at half of the agreed interval and both notice when that stops. A machine that
// reads and writes the headers Session-Expires and Min-SE; which request renews the session is its
// owner's choice. Owned by an InviteUsage.
class SessionTimer {
  public:
    enum class Refresher : std::uint8_t { None, Local, Remote };
    enum class Due : std::uint8_t { Nothing, Refresh, Expire };

    explicit SessionTimer(SessionTimerSettings settings) : settings_(settings) {}

    // RFC 4028 7.1, 7.4: the headers of an INVITE or UPDATE of ours.
    ExtraHeaders request_headers() const;
    // RFC 4028 7.2: what the 2xx to such a request says. Without a Session-Expires the timer is
    // off.
    void handle_success(Instant now, const Message& response);
    // RFC 4028 7.3: a 422. Whether the request may be sent again, with new request_headers().
    bool handle_interval_too_small(const Message& response);
    // The refresh failed, and not because the dialog is gone: it is tried again, until expiry.
    void handle_refresh_failed(Instant now, std::optional<Milliseconds> retry_after);

    // RFC 4028 9: whether an INVITE or UPDATE of the peer must be refused with 422 and this Min-SE.
    std::optional<Seconds> refusal_of(const Message& request) const;
    // RFC 4028 9: the headers of our 2xx to it; the timer starts anew.
    ExtraHeaders accept(Instant now, const Message& request);

    void stop();
    // From now on there is none in this call, whatever the peer asks for.
    void forgo() {
        is_forgone_ = true;
        stop();
    }
    Due handle_timeout(Instant now);
    std::optional<Instant> next_timeout() const { return earlier(refresh_at_, expire_at_); }
    Refresher refresher() const { return refresher_; }
    Seconds interval() const { return interval_; }

  private:
    void start(Instant now, Seconds interval, Refresher refresher);

    SessionTimerSettings settings_;
    bool is_forgone_ = false;
    Refresher refresher_ = Refresher::None;
    Seconds interval_{0};  // agreed on; with Refresher::None nothing is
    // The largest Min-SE of a 422 that this dialog got.
    std::optional<Seconds> peer_minimum_;
    int refusals_ = 0;
    std::optional<Instant> refresh_at_;
    std::optional<Instant> expire_at_;
};

std::string_view to_string(SessionTimer::Refresher refresher);

}  // namespace patchbay::sip
