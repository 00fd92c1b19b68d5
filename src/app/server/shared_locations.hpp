// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "sip/location.hpp"
#include "store/location_store.hpp"

#include <cstddef>
#include <mutex>
#include <optional>

namespace patchbay::app {

// Where the users of the server are, for all shards: one small table under one lock, which is held
// for a look-up or a change and never while anything waits. What changes goes to the store.
// Bindings by connections do not outlive the server, because the connections do not; their phones
// notice and register again.
class SharedLocations final : public sip::LocationService {
  public:
    SharedLocations(const WallAnchor& wall, std::optional<store::LocationStore> store);

    // What an earlier run of the server stored.
    Result<void> load(Instant now);

    std::shared_ptr<const sip::Bindings> find(std::string_view user, Instant now) const override;
    Result<std::shared_ptr<const sip::Bindings>> update(std::string_view user,
                                                        Instant now,
                                                        Change change) override;
    void remove_connection(std::uint64_t connection) override;

    // Every few seconds: forgets what has run out.
    void expire(Instant now);
    struct Counts {
        std::size_t users = 0;
        std::size_t bindings = 0;
    };
    Counts counts() const;

  private:
    void save_changes();  // with the lock held

    WallAnchor wall_;
    mutable std::mutex mutex_;  // guards the rest
    sip::Locations locations_;
    std::optional<store::LocationStore> store_;
};

// A binding as it is stored, and back; Malformed for what no version of ours wrote.
store::StoredBinding to_stored(const sip::Binding& binding, const WallAnchor& wall);
Result<sip::Binding> from_stored(const store::StoredBinding& stored, const WallAnchor& wall);

}  // namespace patchbay::app
