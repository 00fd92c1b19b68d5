// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/bridge/configuration.hpp"
#include "base/address.hpp"
#include "base/time.hpp"
#include "bridge/plan.hpp"
#include "store/disk_thread.hpp"

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::app {

// Where a PBX calls, as it is to be open now.
struct BridgeDoor {
    bridge::PbxListener listener;
    std::vector<SocketAddress> addresses;  // those that could be had
    std::string failure;                   // why not all of them; empty: all
    bool draining = false;                 // until the calls of its bridge are over
    bool idle = false;                     // they were, at the latest look
};

// What the shards are told: everything that bridges are now. Immutable, shared by them.
struct BridgeTerms {
    bridge::Plan plan;
    std::vector<BridgeDoor> doors;
};

// The bridges of the server: their settings, the file that keeps them, and the ports of their
// listeners. Every member may be used from any thread; changes are made one after the other on the
// disk thread, so that what is in force is what is stored.
class BridgeConfiguration {
  public:
    struct Surroundings {
        std::filesystem::path file;
        std::vector<IpAddress> listen;            // as the server's own SIP does
        std::set<std::uint16_t> ports_of_server;  // that are not to be had
        // Tells all shards, in the order of the calls.
        std::function<void(std::shared_ptr<const BridgeTerms>)> apply;
        // Calls by a trunk now.
        std::function<std::size_t(std::string_view trunk)> calls;
    };
    BridgeConfiguration(Surroundings around, store::DiskThread& disk);

    // What an earlier run stored is in force. Fails where the file cannot be understood.
    tl::expected<void, std::string> load();

    std::optional<bridge::Settings> find(std::string_view name) const;
    std::vector<std::string> names() const;
    std::optional<BridgeDoor> door(std::string_view name) const;
    std::size_t calls(std::string_view name) const;
    bool has_registrations() const;
    void configure(std::string name,
                   bridge::SettingsChange change,
                   bridge::FieldProblems problems,
                   UniqueFunction<void(api::bridge::Configuration::Outcome)> done);
    void remove(std::string name, UniqueFunction<void(Result<void>)> done);
    // On one shard, often: closes what has drained, and tries ports again that were taken.
    void keep_house(Instant now);

  private:
    using Outcome = api::bridge::Configuration::Outcome;

    Outcome change(const std::string& name,
                   const bridge::SettingsChange& change,
                   bridge::FieldProblems problems);
    Result<void> erase(const std::string& name);
    Result<void> store(bridge::Bridges wanted);
    void put_in_force();
    BridgeDoor open(const bridge::PbxListener& listener) const;
    bool has_drained(BridgeDoor& door) const;

    Surroundings around_;
    store::DiskThread& disk_;
    mutable std::mutex mutex_;  // guards the rest
    bridge::Bridges bridges_;
    std::vector<BridgeDoor> doors_;
    Instant next_look_;
};

}  // namespace patchbay::app
