// SPDX-License-Identifier: Apache-2.0
#include "sip/location.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace patchbay::sip {
namespace {

const std::shared_ptr<const Bindings>& nowhere() {
    static const auto kNone = std::make_shared<const Bindings>();
    return kNone;
}

bool has_expired(const Binding& binding, Instant now) {
    return binding.expires_at <= now;
}

bool any_expired(const Bindings& bindings, Instant now) {
    return std::any_of(bindings.begin(), bindings.end(),
                       [&](const Binding& one) { return has_expired(one, now); });
}

enum class Fate : std::uint8_t { Stays, Changed, Gone };

// A phone whose Contact is the address that it registered from can be called there again by a new
// connection; one behind a NAT, and a browser, cannot.
bool reach_anew(Binding& binding) {
    const auto host = IpAddress::parse(binding.contact.host());
    if (binding.flow.transport != Transport::Tcp || host != binding.flow.remote.ip) {
        return false;
    }
    binding.flow.connection = 0;
    binding.flow.remote.port = binding.contact.port().value_or(default_port(Transport::Tcp));
    return true;
}

// By insertion: there are a few, and the older of two equals stays first.
Bindings by_preference(Bindings bindings) {
    Bindings sorted;
    sorted.reserve(bindings.size());
    for (Binding& one : bindings) {
        const auto after = std::find_if(sorted.begin(), sorted.end(), [&](const Binding& other) {
            return other.preference < one.preference;
        });
        sorted.insert(after, std::move(one));
    }
    return sorted;
}

}  // namespace

std::shared_ptr<const Bindings> Locations::stored(std::string_view user) const {
    const auto found = bindings_.find(user);
    return found == bindings_.end() ? nowhere() : found->second;
}

std::shared_ptr<const Bindings> Locations::find(std::string_view user, Instant now) const {
    std::shared_ptr<const Bindings> all = stored(user);
    if (!any_expired(*all, now)) {
        return all;
    }
    Bindings live = *all;
    std::erase_if(live, [&](const Binding& one) { return has_expired(one, now); });
    return std::make_shared<const Bindings>(std::move(live));
}

Result<std::shared_ptr<const Bindings>> Locations::update(std::string_view user,
                                                          Instant now,
                                                          Change change) {
    PB_TRY(Bindings changed, change(*find(user, now)));
    set(user, std::move(changed));
    return stored(user);
}

void Locations::set(std::string_view user, Bindings bindings) {
    changed_.emplace(user);
    if (bindings.empty()) {
        if (const auto found = bindings_.find(user); found != bindings_.end()) {
            bindings_.erase(found);
        }
        return;
    }
    bindings_.insert_or_assign(
        std::string(user), std::make_shared<const Bindings>(by_preference(std::move(bindings))));
}

template <class Judge>
void Locations::change_all(Judge judge) {
    for (auto entry = bindings_.begin(); entry != bindings_.end();) {
        const std::string user = entry->first;
        const Bindings& before = *(entry++)->second;
        Bindings after;
        bool same = true;
        for (Binding one : before) {
            const Fate fate = judge(one);
            same = same && fate == Fate::Stays;
            if (fate != Fate::Gone) {
                after.push_back(std::move(one));
            }
        }
        if (!same) {
            set(user, std::move(after));
        }
    }
}

void Locations::remove_connection(std::uint64_t connection) {
    change_all([&](Binding& one) {
        if (one.flow.connection != connection) {
            return Fate::Stays;
        }
        return reach_anew(one) ? Fate::Changed : Fate::Gone;
    });
}

void Locations::expire(Instant now) {
    change_all(
        [&](const Binding& one) { return has_expired(one, now) ? Fate::Gone : Fate::Stays; });
}

std::vector<std::string> Locations::take_changed() {
    std::vector<std::string> out;
    out.reserve(changed_.size());
    for (const std::string& user : changed_) {
        out.push_back(user);
    }
    changed_.clear();
    return out;
}

std::size_t Locations::size() const {
    std::size_t count = 0;
    for (const auto& [user, all] : bindings_) {
        count += all->size();
    }
    return count;
}

}  // namespace patchbay::sip
