// SPDX-License-Identifier: Apache-2.0
// The session timer of a call: RFC 4028 7.4, 9, 10.
#include "sip/invite_usage.hpp"

namespace patchbay::sip {
namespace {

// A refresh that meets another offer waits for that one, which renews the session as well.
constexpr Milliseconds kBusyPause{2'000};

}  // namespace

bool InviteUsage::refuse_short_interval(UsageContext& context, const ServerRequest& request) const {
    const auto least = timer_.refusal_of(request.message);
    if (!least) {
        return false;
    }
    const ExtraHeaders minimum{{"Min-SE", std::to_string(least->count())}};
    respond(context, request, {.status = 422, .own = &minimum});
    return true;
}

void InviteUsage::handle_session_timeout(UsageContext& context) {
    switch (timer_.handle_timeout(context.now)) {
        case SessionTimer::Due::Nothing: return;
        case SessionTimer::Due::Refresh: return refresh_session(context);
        case SessionTimer::Due::Expire: return end_dialog(context, EndCause::SessionExpired);
    }
}

// 7.4: by UPDATE without an offer where the peer knows it; else by a re-INVITE with the offer of
// last time, byte for byte, which says that nothing changes.
void InviteUsage::refresh_session(UsageContext& context) {
    const bool by_update = peer_allows(Method::Update).value_or(false);
    if (!is_confirmed() || reoffer_in_ || reoffer_out_ || awaited_ack_ ||
        (!by_update && last_session_.empty())) {
        return timer_.handle_refresh_failed(context.now, kBusyPause);
    }
    OutgoingReoffer refresh{.transaction = {},
                            .method = by_update ? Method::Update : Method::Invite,
                            .body = by_update ? Body{} : last_session_,
                            .refresh = true};
    send_reoffer(context, *dialog_, std::move(refresh), {});
}

}  // namespace patchbay::sip
