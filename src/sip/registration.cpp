// SPDX-License-Identifier: Apache-2.0
#include "sip/registration.hpp"

#include "base/ensure.hpp"
#include "sip/header/name_addr.hpp"
#include "sip/header/number.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::sip {
namespace {

// A registrar that grants less would have us do nothing but register.
constexpr Seconds kShortestExpires{10};
// Longer than any one of ours asks for by itself (a 423 may not send us round for ever).
constexpr Seconds kLongestExpires{7 * 24 * 3600};
// A challenge raises CSeq within the user agent (RFC 3261 22.2); the next REGISTER must still be
// higher.
constexpr std::uint32_t kCSeqStep = 8;
// 2^10 times the shortest waiting time is beyond every longest one.
constexpr unsigned kMostDoublings = 10;

NameAddr name_addr(const Uri& uri) {
    NameAddr out;
    out.uri = uri;
    return out;
}

// Early enough for a lost packet or two, as most phones do.
Nanoseconds refresh_after(Seconds expires) {
    return Nanoseconds(expires) * 4 / 5;
}

// Whether another way to the registrar may do better: nothing came, or the one that answered is
// itself in trouble. A refusal is the same on every way.
bool is_worth_another_flow(const RequestFinished& finished) {
    return !finished.response || finished.status / 100 == 5 || finished.status == 408 ||
           finished.status == 430;
}

}  // namespace

Registration::Registration(RegistrationConfig config, Random& random)
    : config_(std::move(config)), random_(random), call_id_(random.token(20)) {
    PB_ENSURE(!config_.flows.empty());
}

void Registration::start(Instant now, UserAgent& agent, Outputs& out) {
    send(now, config_.expires, agent, out);
}

void Registration::stop(Instant now, UserAgent& agent, Outputs& out) {
    next_.reset();
    if (std::exchange(registered_until_, std::nullopt)) {
        send(now, Seconds(0), agent, out);
    }
    pending_.reset();
}

void Registration::set_flows(std::vector<Flow> flows) {
    PB_ENSURE(!flows.empty());
    config_.flows = std::move(flows);
    flow_ = 0;
    flows_tried_ = 0;
}

Registration::State Registration::state(Instant now) const {
    if (registered_until_ && now < *registered_until_) {
        return State::Registered;
    }
    if (pending_) {
        return State::Registering;
    }
    return next_ ? State::Failing : State::Idle;
}

void Registration::send(Instant now, Seconds expires, UserAgent& agent, Outputs& out) {
    cseq_ += kCSeqStep;
    OutgoingRequest request;
    request.method = "REGISTER";
    request.target = config_.registrar;
    request.from = name_addr(config_.address_of_record);
    request.to = name_addr(config_.address_of_record);
    request.flow = flow();
    request.call_id = call_id_;
    request.cseq = cseq_;
    request.routes = config_.routes;
    request.headers = {{"Expires", std::to_string(expires.count())}};
    request.contact = true;
    request.contact_user = config_.contact_user;
    request.credentials = config_.credentials;
    next_.reset();
    pending_ = agent.request(now, std::move(request), out);
}

std::optional<Registration::Outcome> Registration::handle(Instant now,
                                                          const RequestFinished& finished,
                                                          UserAgent& agent,
                                                          Outputs& out) {
    if (pending_ != finished.handle) {
        return std::nullopt;
    }
    pending_.reset();
    last_status_ = finished.status;
    if (finished.status / 100 == 2 && finished.response) {
        return succeed(now, *finished.response);
    }
    return fail(now, finished, agent, out);
}

std::optional<Registration::Outcome> Registration::succeed(Instant now, const Message& response) {
    const Seconds expires = granted(response);
    registered_until_ = now + expires;
    next_ = now + refresh_after(expires);
    failures_ = 0;
    flows_tried_ = 0;
    return Registered{expires};
}

std::optional<Registration::Outcome> Registration::fail(Instant now,
                                                        const RequestFinished& finished,
                                                        UserAgent& agent,
                                                        Outputs& out) {
    if (finished.status == 423 && finished.response && take_longer_interval(*finished.response)) {
        send(now, config_.expires, agent, out);
        return std::nullopt;
    }
    if (is_worth_another_flow(finished)) {
        out.events.push_back(HopFailed{{}, flow(), finished.status});
        flow_ = (flow_ + 1) % config_.flows.size();
        if (++flows_tried_ < config_.flows.size()) {
            send(now, config_.expires, agent, out);
            return std::nullopt;
        }
    }
    flows_tried_ = 0;
    ++failures_;
    next_ = now + waiting_time(finished.response);
    return Failed{finished.status};
}

// RFC 3261 10.2.8: the registrar names the least it takes.
bool Registration::take_longer_interval(const Message& response) {
    const auto least = response.get<MinExpires>();
    if (!least || Seconds(least->value) <= config_.expires ||
        Seconds(least->value) > kLongestExpires) {
        return false;
    }
    config_.expires = Seconds(least->value);
    return true;
}

// RFC 5626 4.5: a time between half of and the whole upper bound; at least what the registrar asks
// for (RFC 3261 20.33).
Nanoseconds Registration::waiting_time(const std::optional<Message>& response) {
    const unsigned doublings = std::min(failures_ - 1, kMostDoublings);
    const Nanoseconds bound =
        std::min<Nanoseconds>(config_.longest_retry, config_.shortest_retry * (1U << doublings));
    Nanoseconds wait = bound / 2 + bound / 2 * random_.below(1001) / 1000;
    if (const auto after = response ? response->get<RetryAfter>()
                                    : Result<RetryAfter>(patchbay::fail(Errc::NotFound, ""))) {
        wait = std::max<Nanoseconds>(
            wait, std::min<Nanoseconds>(Seconds(after->seconds), config_.longest_retry));
    }
    return wait;
}

// RFC 3261 10.2.4: the Contact's own parameter, else the Expires header, else what was asked for.
// Where others are registered too, the one with our user part is ours; if it has company, the
// shortest is safe.
Seconds Registration::granted(const Message& response) const {
    std::optional<std::uint32_t> seconds;
    const auto contacts = response.get_all<Contact>();
    for (const Contact& contact : contacts.value_or(std::vector<Contact>())) {
        const bool ours =
            config_.contact_user.empty() || contact.uri.decoded_user() == config_.contact_user;
        if (const auto own = contact.expires(); ours && own) {
            seconds = std::min(*own, seconds.value_or(*own));
        }
    }
    if (const auto expires = response.get<Expires>(); !seconds && expires) {
        seconds = expires->value;
    }
    return seconds ? std::clamp(Seconds(*seconds), kShortestExpires, kLongestExpires)
                   : config_.expires;
}

void Registration::handle_transport_error(Instant now,
                                          const Flow& broken,
                                          UserAgent& agent,
                                          Outputs& out) {
    const bool ours = is_reliable(broken.transport) && broken.transport == flow().transport &&
                      broken.remote == flow().remote;
    if (ours && registered_until_ && !pending_) {
        send(now, config_.expires, agent, out);
    }
}

void Registration::handle_timeout(Instant now, UserAgent& agent, Outputs& out) {
    if (next_ && *next_ <= now) {
        send(now, config_.expires, agent, out);
    }
}

std::string_view to_string(Registration::State state) {
    switch (state) {
        case Registration::State::Idle: return "idle";
        case Registration::State::Registering: return "registering";
        case Registration::State::Registered: return "registered";
        case Registration::State::Failing: return "failing";
    }
    return {};
}

}  // namespace patchbay::sip
