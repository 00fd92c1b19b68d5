// SPDX-License-Identifier: Apache-2.0
#include "call/trunk_watch.hpp"

#include "call/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {
namespace {

Milliseconds spread(Milliseconds longest, Random& random) {
    return longest -
           Milliseconds(random.below(static_cast<std::uint32_t>(longest.count() / 5) + 1));
}

Milliseconds keep_alive_interval(const std::optional<sip::Flow>& flow) {
    return flow && sip::is_reliable(flow->transport) ? kStreamKeepAlive : kDatagramKeepAlive;
}

// Whoever asks for a password, knows no OPTIONS or is busy is there. RFC 3261 16.7: a proxy says by
// 408 that the element behind it is silent, by 503 that it is out of order.
bool is_alive(int status) {
    return status != 408 && status != 503;
}

sip::NameAddr name_addr(sip::Uri uri) {
    sip::NameAddr out;
    out.uri = std::move(uri);
    return out;
}

}  // namespace

std::string_view to_string(TrunkState state) {
    switch (state) {
        case TrunkState::Unknown: return "unknown";
        case TrunkState::Up: return "up";
        case TrunkState::Down: return "down";
    }
    return "unknown";
}

TrunkWatch::TrunkWatch(const std::vector<Trunk>& trunks,
                       std::vector<SipListener> listeners,
                       TrunkStates* states,
                       Random& random)
    : listeners_(std::move(listeners)), states_(states), random_(random) {
    for (const Trunk& trunk : trunks) {
        if (!trunk.ping && !trunk.keep_alive) {
            continue;
        }
        for (std::size_t i = 0; i < trunk.addresses.size(); ++i) {
            const auto uri = uri_of(trunk.addresses[i]);
            if (!uri) {
                continue;
            }
            const std::string user = trunk.from_user.empty() ? "patchbay" : trunk.from_user;
            const std::string host =
                trunk.from_domain.empty() ? std::string(uri->host()) : trunk.from_domain;
            probes_.push_back({.trunk = trunk.name,
                               .address = i,
                               .uri = *uri,
                               .from = sip::Uri::sip(user, host),
                               .credentials = trunk.credentials,
                               .ping = trunk.ping,
                               .keeps_alive = trunk.keep_alive});
        }
    }
}

void TrunkWatch::start(Instant now) {
    for (Probe& probe : probes_) {
        probe.next = now + spread(kFirstPing, random_);
    }
}

void TrunkWatch::stop() {
    for (Probe& probe : probes_) {
        probe.next.reset();
        probe.patience.reset();
    }
}

// Each time anew: the name may lead elsewhere by now.
void TrunkWatch::look_up(Instant now,
                         std::size_t index,
                         sip::UserAgent& agent,
                         sip::Outputs& out,
                         std::vector<TrunkLookup>& lookups) {
    Probe& probe = probes_[index];
    const auto location = sip::locate(probe.uri, {}, {}, random_);
    if (location && !location->questions.empty()) {
        lookups.push_back({index, probe.uri});
    } else {
        located(now, {index, probe.uri},
                location ? Result<std::vector<sip::Target>>(location->targets)
                         : Result<std::vector<sip::Target>>(fail(Errc::NotFound, "trunk")),
                agent, out);
    }
}

void TrunkWatch::located(Instant now,
                         const TrunkLookup& lookup,
                         const Result<std::vector<sip::Target>>& targets,
                         sip::UserAgent& agent,
                         sip::Outputs& out) {
    if (lookup.probe >= probes_.size()) {
        return;
    }
    Probe& probe = probes_[lookup.probe];
    if (!targets || targets->empty()) {
        probe.flow.reset();
        judge(probe, 503);  // RFC 3261 8.1.3.1
        return;
    }
    const sip::Target& target = targets->front();
    probe.flow = flow_to(listeners_, target.transport, target.address);
    probe.flow->peer_name = target.peer_name;
    reach(now, probe, agent, out);
}

// RFC 5626 3.5.1: two line breaks, which every SIP parser skips, on datagrams too.
void TrunkWatch::reach(Instant now, Probe& probe, sip::UserAgent& agent, sip::Outputs& out) {
    if (!probe.ping) {
        out.transmits.push_back({*probe.flow, "\r\n\r\n"});
        return;
    }
    probe.pending = agent.request(now,
                                  {.method = "OPTIONS",
                                   .target = probe.uri,
                                   .from = name_addr(probe.from),
                                   .to = name_addr(probe.uri),
                                   .flow = *probe.flow,
                                   .call_id = {},
                                   .routes = {},
                                   .body = {},
                                   .headers = {},
                                   .credentials = probe.credentials},
                                  out);
    probe.patience = now + kPingPatience;
}

void TrunkWatch::handle(const sip::RequestFinished& finished) {
    const auto probe = std::ranges::find_if(
        probes_, [&](const Probe& one) { return one.pending == finished.handle; });
    if (probe != probes_.end()) {
        probe->pending.reset();
        probe->patience.reset();
        judge(*probe, finished.status);
    }
}

void TrunkWatch::judge(Probe& probe, int status) {
    probe.last_status = status;
    if (!probe.ping) {
        return;
    }
    probe.state = is_alive(status) ? TrunkState::Up : TrunkState::Down;
    if (states_ != nullptr) {
        states_->note(probe.trunk, probe.address, probe.state == TrunkState::Up);
    }
}

void TrunkWatch::handle_timeout(Instant now,
                                sip::UserAgent& agent,
                                sip::Outputs& out,
                                std::vector<TrunkLookup>& lookups) {
    for (std::size_t i = 0; i < probes_.size(); ++i) {
        Probe& probe = probes_[i];
        if (probe.patience && *probe.patience <= now) {
            probe.patience.reset();
            judge(probe, 408);  // an answer that comes yet counts
        }
        if (probe.next && *probe.next <= now) {
            const Milliseconds interval =
                probe.ping ? Milliseconds(*probe.ping) : keep_alive_interval(probe.flow);
            probe.next = now + spread(interval, random_);
            if (!probe.pending) {
                look_up(now, i, agent, out, lookups);
            }
        }
    }
}

std::optional<Instant> TrunkWatch::next_timeout() const {
    std::optional<Instant> next;
    for (const Probe& probe : probes_) {
        next = earlier(earlier(next, probe.next), probe.patience);
    }
    return next;
}

std::vector<TrunkStatus> TrunkWatch::status() const {
    std::vector<TrunkStatus> out;
    for (const Probe& probe : probes_) {
        if (probe.ping) {
            out.push_back({.trunk = probe.trunk,
                           .address = probe.uri.to_string(),
                           .state = probe.state,
                           .last_status = probe.last_status});
        }
    }
    return out;
}

}  // namespace patchbay::call
