// SPDX-License-Identifier: Apache-2.0
#include "app/bridge/configuration.hpp"

#include "api/bridge/shapes.hpp"
#include "app/sip/listen.hpp"
#include "bridge/limits.hpp"
#include "store/one_time_job.hpp"
#include "store/whole_file.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace patchbay::app {
namespace {

// What the reader of the request has said of a field is not said again.
void add_news(bridge::FieldProblems& problems, const bridge::FieldProblems& more) {
    for (const bridge::FieldProblem& one : more) {
        const bool known = std::ranges::any_of(
            problems, [&](const auto& earlier) { return earlier.field == one.field; });
        if (!known) {
            problems.push_back(one);
        }
    }
}

}  // namespace

BridgeConfiguration::BridgeConfiguration(Surroundings around, store::DiskThread& disk)
    : around_(std::move(around)), disk_(disk) {}

tl::expected<void, std::string> BridgeConfiguration::load() {
    const auto text = store::read_whole_file(around_.file);
    if (!text) {
        return {};
    }
    auto stored = api::bridge::read_bridges(*text);
    if (!stored) {
        return tl::unexpected(
            fmt::format("the bridges in {} cannot be read: {}; mend the file or move it away",
                        around_.file.string(), describe(stored.error())));
    }
    const std::lock_guard lock(mutex_);
    bridges_ = std::move(*stored);
    put_in_force();
    return {};
}

std::optional<bridge::Settings> BridgeConfiguration::find(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    if (const auto found = bridges_.find(name); found != bridges_.end()) {
        return found->second;
    }
    return name == bridge::kDefaultBridge ? std::optional(bridge::Settings{}) : std::nullopt;
}

std::vector<std::string> BridgeConfiguration::names() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, settings] : bridges_) {
        names.push_back(name);
    }
    return names;
}

std::optional<BridgeDoor> BridgeConfiguration::door(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find_if(doors_, [&](const BridgeDoor& door) {
        return !door.draining && door.listener.bridge == name;
    });
    return found == doors_.end() ? std::nullopt : std::optional(*found);
}

std::size_t BridgeConfiguration::calls(std::string_view name) const {
    return around_.calls(bridge::names_of(name).pbx);
}

bool BridgeConfiguration::has_registrations() const {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(
        bridges_, [](const auto& one) { return one.second.enabled && one.second.sip_register; });
}

void BridgeConfiguration::configure(std::string name,
                                    bridge::SettingsChange change,
                                    bridge::FieldProblems problems,
                                    UniqueFunction<void(Outcome)> done) {
    disk_.add(store::make_one_time_job([this, name = std::move(name), change = std::move(change),
                                        problems = std::move(problems),
                                        done = std::move(done)]() mutable {
        done(this->change(name, change, std::move(problems)));
    }));
}

BridgeConfiguration::Outcome BridgeConfiguration::change(const std::string& name,
                                                         const bridge::SettingsChange& change,
                                                         bridge::FieldProblems problems) {
    const std::lock_guard lock(mutex_);
    bridge::Bridges wanted = bridges_;
    if (!bridge::is_bridge_name(name)) {
        add_news(problems, {{"bridge", "must be a name of letters, digits, '-' and '_'"}});
    } else if (!wanted.contains(name) && wanted.size() >= bridge::kMostBridges) {
        add_news(problems, {{"bridge", "there are too many bridges"}});
    }
    bridge::Settings& settings = wanted[name];
    settings = bridge::changed(std::move(settings), change);
    add_news(problems, bridge::check(settings));
    add_news(problems, bridge::check_ports(name, settings, bridges_, around_.ports_of_server));
    if (!problems.empty()) {
        return problems;
    }
    if (const auto stored = store(std::move(wanted)); !stored) {
        return stored.error();
    }
    spdlog::info("bridge '{}' is configured, and {}", name,
                 bridges_.at(name).enabled ? "enabled" : "not enabled");
    return api::bridge::Configuration::Configured{};
}

void BridgeConfiguration::remove(std::string name, UniqueFunction<void(Result<void>)> done) {
    disk_.add(store::make_one_time_job(
        [this, name = std::move(name), done = std::move(done)]() mutable { done(erase(name)); }));
}

Result<void> BridgeConfiguration::erase(const std::string& name) {
    const std::lock_guard lock(mutex_);
    bridge::Bridges wanted = bridges_;
    if (wanted.erase(name) == 0) {
        return fail(Errc::NotFound, "bridge");
    }
    PB_CHECK(store(std::move(wanted)));
    spdlog::info("bridge '{}' is removed", name);
    return {};
}

// With the mutex held.
Result<void> BridgeConfiguration::store(bridge::Bridges wanted) {
    const auto written = store::write_whole_file(around_.file, api::bridge::write_bridges(wanted),
                                                 store::Durability::Machine);
    if (!written) {
        spdlog::error("the bridges cannot be stored in {}: {}", around_.file.string(),
                      describe(written.error()));
        return written;
    }
    bridges_ = std::move(wanted);
    put_in_force();
    return {};
}

// Doors that stay are not touched. One that nobody wants any more drains.
void BridgeConfiguration::put_in_force() {
    bridge::Plan plan = bridge::plan_of(bridges_);
    std::vector<BridgeDoor> doors;
    for (const bridge::PbxListener& wanted : plan.listeners) {
        const auto same = std::ranges::find_if(doors_, [&](const BridgeDoor& door) {
            return door.listener.port == wanted.port && door.failure.empty();
        });
        if (same == doors_.end()) {
            doors.push_back(open(wanted));
        } else {
            same->listener = wanted;
            same->draining = false;
            doors.push_back(*same);
        }
    }
    for (BridgeDoor& door : doors_) {
        const bool stays = std::ranges::any_of(
            doors, [&](const BridgeDoor& one) { return one.listener.port == door.listener.port; });
        if (!stays && !door.addresses.empty()) {
            door.draining = true;
            doors.push_back(door);
        }
    }
    doors_ = std::move(doors);
    around_.apply(std::make_shared<const BridgeTerms>(std::move(plan), doors_));
}

BridgeDoor BridgeConfiguration::open(const bridge::PbxListener& listener) const {
    BridgeDoor door{.listener = listener, .addresses = {}, .failure = {}};
    for (const IpAddress& ip : around_.listen) {
        const SocketAddress wanted{ip, listener.port};
        const auto address = free_address(wanted, Protocol::UdpAndTcp);
        if (address) {
            door.addresses.push_back(*address);
        } else if (!is_absent_family(ip, address.error())) {
            door.failure =
                explain_listen_failure("the bridge", wanted, address.error(), "sipListenPort");
        }
    }
    if (!door.failure.empty()) {
        door.addresses.clear();
    }
    return door;
}

// Not at the first look after the last call: its BYE may still be on its way.
bool BridgeConfiguration::has_drained(BridgeDoor& door) const {
    const bool was_idle = std::exchange(door.idle, calls(door.listener.bridge) == 0);
    return door.draining && was_idle && door.idle;
}

void BridgeConfiguration::keep_house(Instant now) {
    const std::lock_guard lock(mutex_);
    if (now < next_look_) {
        return;
    }
    next_look_ = now + bridge::kHouseKeeping;
    const auto drained =
        std::erase_if(doors_, [this](BridgeDoor& door) { return has_drained(door); });
    const bool retry = std::ranges::any_of(doors_, [this](const BridgeDoor& door) {
        return !door.failure.empty() && open(door.listener).failure.empty();
    });
    if (drained != 0 || retry) {
        put_in_force();
    }
}

}  // namespace patchbay::app
