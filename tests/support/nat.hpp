// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace patchbay::test {

// How an address translator behaves (RFC 4787 4 and 5).
enum class NatKind : std::uint8_t {
    FullCone,        // one mapping for each inner address, open to everybody
    Restricted,      // open to addresses that were written to
    PortRestricted,  // open to addresses and ports that were written to
    Symmetric,       // another mapping for each destination, open to that one
};

// An address translator between a private network and one public address.
class Nat {
  public:
    Nat(NatKind kind, IpAddress outside) : kind_(kind), outside_(outside) {}

    const IpAddress& outside() const { return outside_; }

    // What the world sees as the source of a packet from `inside` to `to`.
    SocketAddress leave(const SocketAddress& inside, const SocketAddress& to) {
        const Key key{inside, kind_ == NatKind::Symmetric ? std::optional(to) : std::nullopt};
        const auto [mapping, added] = ports_.try_emplace(key, next_port_);
        if (added) {
            inside_of_[next_port_++] = key;
        }
        written_[mapping->second].insert(to);
        return {outside_, mapping->second};
    }

    // Whom a packet from `from` to `port` reaches, if anybody.
    std::optional<SocketAddress> enter(const SocketAddress& from, std::uint16_t port) const {
        const auto found = inside_of_.find(port);
        if (found == inside_of_.end() || !lets_in(from, port)) {
            return std::nullopt;
        }
        return found->second.first;
    }

    // The power was out: all mappings are gone, new ones are other ports.
    void reboot() {
        ports_.clear();
        inside_of_.clear();
        written_.clear();
    }

  private:
    using Key = std::pair<SocketAddress, std::optional<SocketAddress>>;

    bool lets_in(const SocketAddress& from, std::uint16_t port) const {
        for (const SocketAddress& to : written_.at(port)) {
            if (kind_ == NatKind::FullCone || to == from ||
                (kind_ == NatKind::Restricted && to.ip == from.ip)) {
                return true;
            }
        }
        return false;
    }

    NatKind kind_;
    IpAddress outside_;
    std::uint16_t next_port_ = 40000;
    std::map<Key, std::uint16_t> ports_;
    std::map<std::uint16_t, Key> inside_of_;
    std::map<std::uint16_t, std::set<SocketAddress>> written_;
};

}  // namespace patchbay::test
