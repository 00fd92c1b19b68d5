// SPDX-License-Identifier: Apache-2.0
#include "lab/registration.hpp"

#include "sip/header/name_addr.hpp"
#include "sip/header/number.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::lab {
namespace {

// RFC 5626 4.5: the base of the waiting time after a failure.
constexpr Seconds kRetryAfterFailure{30};
// A registrar that grants less would have us do nothing but register.
constexpr Seconds kShortestExpires{10};
// Longer than any one of ours asks for by itself (a 423 may not send us round for ever).
constexpr Seconds kLongestExpires{7 * 24 * 3600};
// A challenge raises CSeq once within the user agent (RFC 3261 22.2); the next REGISTER must still
// be higher.
constexpr std::uint32_t kCSeqStep = 4;

sip::NameAddr name_addr(const sip::Uri& uri) {
    sip::NameAddr out;
    out.uri = uri;
    return out;
}

// RFC 3261 10.2.4: the Contact's own parameter, else the Expires header, else what was asked for.
Seconds granted(const sip::Message& response, Seconds asked) {
    std::optional<std::uint32_t> seconds;
    if (const auto contact = response.get<sip::Contact>()) {
        seconds = contact->expires();
    }
    if (const auto expires = response.get<sip::Expires>(); !seconds && expires) {
        seconds = expires->value;
    }
    return seconds ? std::clamp(Seconds(*seconds), kShortestExpires, kLongestExpires) : asked;
}

// Early enough for a lost packet or two, as most phones do.
Nanoseconds refresh_after(Seconds expires) {
    return Nanoseconds(expires) * 4 / 5;
}

}  // namespace

Registration::Registration(RegistrationConfig config, Random& random)
    : config_(std::move(config)), call_id_(random.token(20)) {}

void Registration::start(Instant now, sip::UserAgent& agent, sip::Outputs& out) {
    send(now, config_.expires, agent, out);
}

void Registration::stop(Instant now, sip::UserAgent& agent, sip::Outputs& out) {
    next_.reset();
    if (registered_) {
        send(now, Seconds(0), agent, out);
        pending_.reset();
        registered_ = false;
    }
}

void Registration::send(Instant now, Seconds expires, sip::UserAgent& agent, sip::Outputs& out) {
    cseq_ += kCSeqStep;
    sip::OutgoingRequest request;
    request.method = "REGISTER";
    request.target = config_.registrar;
    request.from = name_addr(config_.address_of_record);
    request.to = name_addr(config_.address_of_record);
    request.flow = config_.flow;
    request.call_id = call_id_;
    request.cseq = cseq_;
    request.headers = {{"Expires", std::to_string(expires.count())}};
    request.contact = true;
    request.credentials = config_.credentials;
    next_.reset();
    pending_ = agent.request(now, std::move(request), out);
}

std::optional<Registration::Outcome> Registration::handle(Instant now,
                                                          const sip::RequestFinished& finished,
                                                          sip::UserAgent& agent,
                                                          sip::Outputs& out) {
    if (pending_ != finished.handle) {
        return std::nullopt;
    }
    pending_.reset();
    if (finished.status / 100 == 2 && finished.response) {
        const Seconds expires = granted(*finished.response, config_.expires);
        registered_ = true;
        next_ = now + refresh_after(expires);
        return Registered{expires};
    }
    if (finished.status == 423 && finished.response) {
        // RFC 3261 10.2.8: the registrar names the least it takes.
        const auto least = finished.response->get<sip::MinExpires>();
        if (least && Seconds(least->value) > config_.expires &&
            Seconds(least->value) <= kLongestExpires) {
            config_.expires = Seconds(least->value);
            send(now, config_.expires, agent, out);
            return std::nullopt;
        }
    }
    registered_ = false;
    next_ = now + kRetryAfterFailure;
    return Failed{finished.status};
}

void Registration::handle_timeout(Instant now, sip::UserAgent& agent, sip::Outputs& out) {
    if (next_ && *next_ <= now) {
        send(now, config_.expires, agent, out);
    }
}

}  // namespace patchbay::lab
