// SPDX-License-Identifier: Apache-2.0
#include "app/server/shared_locations.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::app {
namespace {

constexpr char kPathSeparator = '\n';  // no header value has one

std::string path_text(const std::vector<sip::NameAddr>& path) {
    std::string text;
    for (const sip::NameAddr& hop : path) {
        if (!text.empty()) {
            text += kPathSeparator;
        }
        hop.write(text);
    }
    return text;
}

Result<std::vector<sip::NameAddr>> path_of(std::string_view text) {
    std::vector<sip::NameAddr> path;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(kPathSeparator), text.size());
        PB_TRY(sip::NameAddr hop, sip::NameAddr::parse(text.substr(0, end)));
        path.push_back(std::move(hop));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return path;
}

Result<SocketAddress> address_of(const std::string& text) {
    const auto address = SocketAddress::parse(text);
    if (!address) {
        return fail(Errc::Malformed, "stored address");
    }
    return *address;
}

}  // namespace

store::StoredBinding to_stored(const sip::Binding& binding, const WallAnchor& wall) {
    return {.contact = binding.contact.to_string(),
            .path = path_text(binding.path),
            .local = binding.flow.local.to_string(),
            .remote = binding.flow.remote.to_string(),
            .call_id = binding.call_id,
            .sequence = binding.sequence,
            .expires_at = wall.at(binding.expires_at),
            .preference = binding.preference,
            .instance = binding.instance,
            .user_agent = binding.user_agent};
}

Result<sip::Binding> from_stored(const store::StoredBinding& stored, const WallAnchor& wall) {
    sip::Binding binding;
    PB_TRY(binding.contact, sip::Uri::parse(stored.contact));
    PB_TRY(binding.path, path_of(stored.path));
    PB_TRY(binding.flow.local, address_of(stored.local));
    PB_TRY(binding.flow.remote, address_of(stored.remote));
    binding.call_id = stored.call_id;
    binding.sequence = static_cast<std::uint32_t>(stored.sequence);
    binding.expires_at =
        wall.instant + Milliseconds(stored.expires_at.milliseconds - wall.wall.milliseconds);
    binding.preference = static_cast<std::uint16_t>(stored.preference);
    binding.instance = stored.instance;
    binding.user_agent = stored.user_agent;
    return binding;
}

SharedLocations::SharedLocations(const WallAnchor& wall, std::optional<store::LocationStore> store)
    : wall_(wall), store_(std::move(store)) {}

Result<void> SharedLocations::load(Instant now) {
    if (!store_) {
        return {};
    }
    std::map<std::string, sip::Bindings> users;
    PB_CHECK(store_->load(wall_.at(now),
                          [&](const std::string& user, const store::StoredBinding& stored) {
                              if (auto binding = from_stored(stored, wall_)) {
                                  users[user].push_back(std::move(*binding));
                              }
                          }));
    const std::lock_guard lock(mutex_);
    for (auto& [user, bindings] : users) {
        PB_CHECK(locations_.update(user, now, [&](const sip::Bindings&) -> Result<sip::Bindings> {
            return std::move(bindings);
        }));
    }
    (void)locations_.take_changed();  // it came from there
    return {};
}

std::shared_ptr<const sip::Bindings> SharedLocations::find(std::string_view user,
                                                           Instant now) const {
    const std::lock_guard lock(mutex_);
    return locations_.find(user, now);
}

Result<std::shared_ptr<const sip::Bindings>> SharedLocations::update(std::string_view user,
                                                                     Instant now,
                                                                     Change change) {
    const std::lock_guard lock(mutex_);
    auto updated = locations_.update(user, now, std::move(change));
    save_changes();
    return updated;
}

void SharedLocations::remove_connection(std::uint64_t connection) {
    const std::lock_guard lock(mutex_);
    locations_.remove_connection(connection);
    save_changes();
}

void SharedLocations::expire(Instant now) {
    const std::lock_guard lock(mutex_);
    locations_.expire(now);
    save_changes();
}

SharedLocations::Counts SharedLocations::counts() const {
    const std::lock_guard lock(mutex_);
    return {.users = locations_.users(), .bindings = locations_.size()};
}

void SharedLocations::save_changes() {
    for (std::string& user : locations_.take_changed()) {
        if (!store_) {
            continue;
        }
        std::vector<store::StoredBinding> stored;
        for (const sip::Binding& binding : *locations_.stored(user)) {
            if (binding.flow.connection == 0) {
                stored.push_back(to_stored(binding, wall_));
            }
        }
        store_->save(std::move(user), std::move(stored));
    }
}

}  // namespace patchbay::app
