// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "sip/user_agent.hpp"
#include "support/fragile_random.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::test {

// User agents joined by a network in memory, in virtual time: every message is written and parsed
// for real, delayed, and lost as the test wants. Repeatable: all randomness comes from one seed.
class SipLink {
  public:
    struct Settings {
        std::uint64_t seed = 1;
        unsigned loss_percent = 0;
        Milliseconds delay{10};
        Milliseconds jitter{0};  // added at random, so that messages overtake each other
        sip::Transport transport = sip::Transport::Udp;
    };
    struct Peer {
        Peer(std::string name, SocketAddress at, sip::UserAgentConfig config, std::uint64_t seed)
            : label(std::move(name)), address(at), random(seed), agent(std::move(config), random) {}

        std::string label;
        SocketAddress address;
        FragileRandom random;
        sip::UserAgent agent;
        std::vector<sip::Event> events;                   // everything so far
        std::vector<sip::Broken> broken;                  // likewise
        std::function<void(const sip::Event&)> on_event;  // called as events come
    };
    // One message on the wire, lost or not.
    struct Seen {
        Instant at;
        SocketAddress from;
        SocketAddress to;
        std::string text;
        bool lost = false;

        std::string_view first_line() const;
    };

    explicit SipLink(Settings settings);

    Peer& add(std::string label, sip::UserAgentConfig config = {});
    // How `from` reaches `to`.
    sip::Flow flow(const Peer& from, const Peer& to) const;
    sip::InviteRequest call(const Peer& from, const Peer& to) const;

    // Runs `step` on the peer with the present time, and takes what comes out.
    void act(Peer& peer, const std::function<void(Instant, sip::Outputs&)>& step);
    // Puts a message on the wire as if `from` had sent it; no peer need be there.
    void inject(const SocketAddress& from, const SocketAddress& to, std::string text);
    // Delivers messages and fires timers up to `duration` from now.
    void run_for(Nanoseconds duration);
    // Until no message is under way and no timer runs, at most `limit`.
    void run_dry(Nanoseconds limit = Seconds(300));

    Instant now() const { return now_; }
    const std::vector<Seen>& wire() const { return wire_; }
    // How many messages whose first line begins so were sent.
    std::size_t sent(std::string_view start) const;
    std::size_t sent(const Peer& from, std::string_view start) const;

    // Messages for which it is true are lost, beside those that chance takes.
    std::function<bool(const Seen&)> drop;

  private:
    struct UnderWay {
        SocketAddress from;
        SocketAddress to;
        std::string text;
    };

    void take(Peer& peer, sip::Outputs& out);
    std::optional<Instant> next() const;
    void step(Instant at);
    void deliver(const UnderWay& message);

    Settings settings_;
    SeededRandom random_;
    Instant now_{Seconds(1'000)};
    std::vector<std::unique_ptr<Peer>> peers_;
    std::multimap<Instant, UnderWay> under_way_;
    std::vector<Seen> wire_;
};

inline std::string_view SipLink::Seen::first_line() const {
    return std::string_view(text).substr(0, text.find("\r\n"));
}

inline SipLink::SipLink(Settings settings) : settings_(settings), random_(settings.seed) {}

inline SipLink::Peer& SipLink::add(std::string label, sip::UserAgentConfig config) {
    const auto number = static_cast<std::uint8_t>(peers_.size() + 1);
    const SocketAddress address{IpAddress::v4(192, 0, 2, number), 5060};
    config.product = label;
    peers_.push_back(std::make_unique<Peer>(std::move(label), address, std::move(config),
                                            settings_.seed * 1'000 + number));
    return *peers_.back();
}

inline sip::Flow SipLink::flow(const Peer& from, const Peer& to) const {
    return {.transport = settings_.transport, .local = from.address, .remote = to.address};
}

inline sip::InviteRequest SipLink::call(const Peer& from, const Peer& to) const {
    sip::InviteRequest request;
    request.target = sip::Uri::sip(to.label, to.address.ip.to_string());
    request.from.uri = sip::Uri::sip(from.label, "example.com");
    request.to.uri = request.target;
    request.flow = flow(from, to);
    request.body = {"application/sdp", "offer of " + from.label};
    return request;
}

inline void SipLink::act(Peer& peer, const std::function<void(Instant, sip::Outputs&)>& step) {
    sip::Outputs out;
    step(now_, out);
    take(peer, out);
}

inline void SipLink::inject(const SocketAddress& from, const SocketAddress& to, std::string text) {
    Seen seen{now_, from, to, text};
    seen.lost = random_.below(100) < settings_.loss_percent || (drop && drop(seen));
    if (!seen.lost) {
        Nanoseconds delay = settings_.delay;
        if (settings_.jitter > Milliseconds(0)) {
            delay += Milliseconds(
                random_.below(static_cast<std::uint32_t>(settings_.jitter.count()) + 1));
        }
        under_way_.emplace(now_ + delay, UnderWay{from, to, std::move(text)});
    }
    wire_.push_back(std::move(seen));
}

inline void SipLink::run_for(Nanoseconds duration) {
    const Instant end = now_ + duration;
    for (auto at = next(); at && *at <= end; at = next()) {
        step(*at);
    }
    now_ = end;
}

inline void SipLink::run_dry(Nanoseconds limit) {
    const Instant end = now_ + limit;
    for (auto at = next(); at && *at <= end; at = next()) {
        step(*at);
    }
}

inline std::size_t SipLink::sent(std::string_view start) const {
    return static_cast<std::size_t>(
        std::count_if(wire_.begin(), wire_.end(),
                      [start](const Seen& seen) { return seen.text.starts_with(start); }));
}

inline std::size_t SipLink::sent(const Peer& from, std::string_view start) const {
    return static_cast<std::size_t>(
        std::count_if(wire_.begin(), wire_.end(), [&](const Seen& seen) {
            return seen.from == from.address && seen.text.starts_with(start);
        }));
}

inline void SipLink::take(Peer& peer, sip::Outputs& out) {
    for (sip::Broken& broken : out.broken) {
        peer.broken.push_back(std::move(broken));
    }
    for (sip::Transmit& transmit : out.transmits) {
        inject(peer.address, transmit.flow.remote, std::move(transmit.bytes));
    }
    for (sip::Event& event : out.events) {
        peer.events.push_back(std::move(event));
        if (peer.on_event) {
            peer.on_event(peer.events.back());
        }
    }
}

inline std::optional<Instant> SipLink::next() const {
    std::optional<Instant> at;
    if (!under_way_.empty()) {
        at = under_way_.begin()->first;
    }
    for (const auto& peer : peers_) {
        at = earlier(at, peer->agent.next_timeout());
    }
    return at;
}

inline void SipLink::step(Instant at) {
    now_ = std::max(now_, at);
    if (!under_way_.empty() && under_way_.begin()->first <= now_) {
        const UnderWay message = std::move(under_way_.begin()->second);
        under_way_.erase(under_way_.begin());
        return deliver(message);
    }
    for (const auto& peer : peers_) {
        if (const auto due = peer->agent.next_timeout(); due && *due <= now_) {
            act(*peer,
                [&](Instant now, sip::Outputs& out) { peer->agent.handle_timeout(now, out); });
        }
    }
}

inline void SipLink::deliver(const UnderWay& message) {
    for (const auto& peer : peers_) {
        if (peer->address == message.to) {
            const sip::Flow flow{
                .transport = settings_.transport, .local = message.to, .remote = message.from};
            act(*peer, [&](Instant now, sip::Outputs& out) {
                peer->agent.handle_message(now, flow, as_bytes(message.text), out);
            });
        }
    }
}

// The events of one kind, oldest first.
template <class E>
std::vector<const E*> events_of(const SipLink::Peer& peer) {
    std::vector<const E*> found;
    for (const auto& event : peer.events) {
        if (const auto* one = std::get_if<E>(&event)) {
            found.push_back(one);
        }
    }
    return found;
}

// The only event of the kind; the test has to make sure that there is one.
template <class E>
const E* event_of(const SipLink::Peer& peer) {
    const auto all = events_of<E>(peer);
    return all.empty() ? nullptr : all.back();
}

}  // namespace patchbay::test
