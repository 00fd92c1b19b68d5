// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "support/nat.hpp"
#include "support/netem.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace patchbay::test {

struct UdpDatagram {
    SocketAddress from;
    SocketAddress to;
    Bytes bytes;
};

// Hosts, translators and what lies between them, in virtual time: an internet in miniature.
// Two hosts behind one translator see each other; otherwise private addresses lead nowhere.
class DatagramNetwork {
  public:
    explicit DatagramNetwork(std::uint64_t seed = 1) : path_({.delay = Milliseconds(10)}, seed) {}

    void add_host(const IpAddress& ip, Nat* nat = nullptr) { hosts_[ip] = nat; }
    void set_profile(const NetemProfile& profile) { path_.set_profile(profile); }
    // Packets that it accepts get lost.
    void set_firewall(std::function<bool(const UdpDatagram&)> drops) { drops_ = std::move(drops); }

    void send(Instant now, UdpDatagram datagram) {
        ++sent_;
        if (drops_ && drops_(datagram)) {
            return;
        }
        if (const auto host = hosts_.find(datagram.to.ip);
            host != hosts_.end() && host->second == nat_of(datagram.from.ip)) {
            path_.send(now, std::move(datagram));  // neighbours
            return;
        }
        if (Nat* nat = nat_of(datagram.from.ip)) {
            datagram.from = nat->leave(datagram.from, datagram.to);
        }
        path_.send(now, std::move(datagram));
    }

    std::optional<Instant> next_timeout() const { return path_.next_timeout(); }

    // What arrives at hosts; the rest leads nowhere.
    std::vector<UdpDatagram> receive(Instant now) {
        std::vector<UdpDatagram> arrived;
        path_.receive(now, arrived);
        std::erase_if(arrived, [&](UdpDatagram& datagram) { return !route(datagram); });
        return arrived;
    }

    std::size_t sent() const { return sent_; }

  private:
    Nat* nat_of(const IpAddress& ip) const {
        const auto found = hosts_.find(ip);
        return found == hosts_.end() ? nullptr : found->second;
    }

    bool route(UdpDatagram& datagram) {
        for (const auto& [ip, nat] : hosts_) {
            if (nat != nullptr && nat->outside() == datagram.to.ip) {
                const auto inside = nat->enter(datagram.from, datagram.to.port);
                datagram.to = inside.value_or(datagram.to);
                return inside.has_value();
            }
        }
        const auto host = hosts_.find(datagram.to.ip);
        return host != hosts_.end() &&
               (host->second == nullptr || nat_of(datagram.from.ip) == host->second);
    }

    Netem<UdpDatagram> path_;
    std::map<IpAddress, Nat*> hosts_;
    std::function<bool(const UdpDatagram&)> drops_;
    std::size_t sent_ = 0;
};

}  // namespace patchbay::test
