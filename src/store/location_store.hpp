// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/disk_thread.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::store {

// One place where a user is reached, as text: what it means is the registrar's business.
struct StoredBinding {
    std::string contact;
    std::string path;  // as in the header
    std::string local;
    std::string remote;
    std::string call_id;
    std::int64_t sequence = 0;
    WallTime expires_at;
    std::int64_t preference = 0;
    std::string instance;
    std::string user_agent;

    friend bool operator==(const StoredBinding&, const StoredBinding&) = default;
};

// The bindings of a registrar in SQLite, so that a restarted server knows where its phones are.
// Read once at start; written on the disk thread, the changes of one round in one transaction. A
// user whose bindings change again before they were written is written once.
class LocationStore {
  public:
    // Makes the file and its table where they are not there. The failure of a later write is told
    // to `failed`, on the disk thread.
    static Result<LocationStore> open(const std::string& path,
                                      DiskThread& disk,
                                      std::function<void(const Error&)> failed);

    // What is stored and has not run out. Before the first save().
    using Loaded = std::function<void(const std::string& user, StoredBinding binding)>;
    Result<void> load(WallTime now, const Loaded& each);

    // From any thread. Replaces all that is stored of the user.
    void save(std::string user, std::vector<StoredBinding> bindings);

  private:
    class Writer;
    struct Changes;
    LocationStore(DiskThread& disk, std::shared_ptr<Changes> changes)
        : disk_(&disk), changes_(std::move(changes)) {}

    DiskThread* disk_;
    // Shared with the job on the disk thread, which may outlive this.
    std::shared_ptr<Changes> changes_;
};

}  // namespace patchbay::store
