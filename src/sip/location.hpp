// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "sip/flow.hpp"
#include "sip/header/name_addr.hpp"
#include "sip/uri.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::sip {

// One place where a user is reached (RFC 3261 10.3).
struct Binding {
    Uri contact;
    // Where requests for it go: the flow of the REGISTER (RFC 5626), so that phones behind a NAT
    // and browsers are reached; or the Contact itself where nothing stands between.
    Flow flow;
    std::vector<NameAddr> path;  // RFC 3327, in order
    std::string call_id;
    std::uint32_t sequence = 0;  // of the latest REGISTER
    Instant expires_at;
    std::uint16_t preference = 1000;  // q, in thousandths
    std::string instance;             // +sip.instance and reg-id; empty when not said
    std::string user_agent;

    friend bool operator==(const Binding&, const Binding&) = default;
};
using Bindings = std::vector<Binding>;

// Who is reached where. Bindings of a user are immutable once they are handed out, so whoever holds
// them is not disturbed by what changes meanwhile. Implementations that several shards share lock
// inside.
class LocationService {
  public:
    LocationService() = default;
    LocationService(const LocationService&) = delete;
    LocationService& operator=(const LocationService&) = delete;
    virtual ~LocationService() = default;

    // Those that have not expired; never null. Higher preference first.
    virtual std::shared_ptr<const Bindings> find(std::string_view user, Instant now) const = 0;
    // Replaces what `change` makes of the present ones, or nothing when it fails. Nobody else
    // changes the user's bindings meanwhile.
    using Change = UniqueFunction<Result<Bindings>(const Bindings&)>;
    virtual Result<std::shared_ptr<const Bindings>> update(std::string_view user,
                                                           Instant now,
                                                           Change change) = 0;
    // The connection is closed: what was reached by it only is reached no more.
    virtual void remove_connection(std::uint64_t connection) = 0;
};

// The bindings in memory, for one thread.
class Locations final : public LocationService {
  public:
    std::shared_ptr<const Bindings> find(std::string_view user, Instant now) const override;
    Result<std::shared_ptr<const Bindings>> update(std::string_view user,
                                                   Instant now,
                                                   Change change) override;
    void remove_connection(std::uint64_t connection) override;

    // Forgets what has run out. Users who lost bindings by this or by remove_connection are told
    // with the next take_changed().
    void expire(Instant now);
    // Users whose bindings changed since the last time, each once.
    std::vector<std::string> take_changed();
    // As find(), expired ones included: what there is to store.
    std::shared_ptr<const Bindings> stored(std::string_view user) const;

    std::size_t users() const { return bindings_.size(); }
    std::size_t size() const;

  private:
    using Users = std::map<std::string, std::shared_ptr<const Bindings>, std::less<>>;

    void set(std::string_view user, Bindings bindings);
    template <class Judge>
    void change_all(Judge judge);

    Users bindings_;  // shared with whoever looked them up
    std::set<std::string, std::less<>> changed_;
};

}  // namespace patchbay::sip
