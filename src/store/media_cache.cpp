// SPDX-License-Identifier: Apache-2.0
#include "store/media_cache.hpp"

#include <utility>

namespace patchbay::store {

std::shared_ptr<media::ByteSource> MediaCache::find(Instant now, const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) {
        return nullptr;
    }
    if (found->second->fresh_until <= now) {
        forget(found->second);
        return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->bytes;
}

void MediaCache::put(const std::string& key,
                     std::shared_ptr<media::ByteSource> bytes,
                     Instant fresh_until) {
    const std::uint64_t size = bytes->size();
    const std::lock_guard lock(mutex_);
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
        forget(found->second);
    }
    if (size > most_bytes_) {
        return;
    }
    while (bytes_ + size > most_bytes_) {
        forget(std::prev(entries_.end()));
    }
    entries_.push_front({key, std::move(bytes), size, fresh_until});
    by_key_.emplace(key, entries_.begin());
    bytes_ += size;
}

std::uint64_t MediaCache::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

void MediaCache::forget(Entries::iterator entry) {
    bytes_ -= entry->size;
    by_key_.erase(entry->key);
    entries_.erase(entry);
}

}  // namespace patchbay::store
