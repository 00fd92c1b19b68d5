// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "media/byte_source.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace patchbay::store {

// Media files that were fetched, by what names them, so that a prompt is downloaded once for a
// thousand calls. Bounded: the ones that were not asked for longest go first. Any thread; asked
// once per playback, never per frame.
class MediaCache {
  public:
    explicit MediaCache(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

    // Null: not there, or not fresh any more.
    std::shared_ptr<media::ByteSource> find(Instant now, const std::string& key);
    // What is larger than all of the cache is not kept.
    void put(const std::string& key, std::shared_ptr<media::ByteSource> bytes, Instant fresh_until);

    std::uint64_t bytes() const;

  private:
    struct Entry {
        std::string key;
        std::shared_ptr<media::ByteSource> bytes;
        std::uint64_t size = 0;
        Instant fresh_until;
    };
    using Entries = std::list<Entry>;

    void forget(Entries::iterator entry);

    const std::uint64_t most_bytes_;
    mutable std::mutex mutex_;  // guards everything below
    Entries entries_;           // the one asked for last is first
    std::unordered_map<std::string, Entries::iterator> by_key_;
    std::uint64_t bytes_ = 0;
};

}  // namespace patchbay::store
