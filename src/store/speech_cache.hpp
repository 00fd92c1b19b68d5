// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "store/disk_thread.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::store {

// Speech that was paid for once, as files of 16 kHz samples: what was not asked for longest gives
// way when the folder is full. Its own names only (a hash of the key), so that no key leads
// anywhere else. All reading and writing happens on the disk thread; may be used from any thread.
class SpeechCache {
  public:
    using Samples = std::vector<std::int16_t>;
    // On the disk thread; absent: it is not kept.
    using Found = UniqueFunction<void(std::optional<Samples>)>;

    // A short key for a long text: its SHA-256 in hexadecimal digits.
    static std::string digest(std::string_view text);

    // Makes the folder; System or Forbidden when that fails.
    static Result<std::unique_ptr<SpeechCache>> make(std::filesystem::path folder,
                                                     std::uint64_t most_bytes,
                                                     DiskThread& disk);

    // Called with the bytes that are kept, or why they are not: on the disk thread, or at once.
    using Kept = UniqueFunction<void(Result<std::uint64_t>)>;

    // `key`: any text that says all there is to say about the audio.
    void find(const std::string& key, Found found);
    // Whole or not at all, also when the machine stops.
    void keep(const std::string& key, Samples samples, Kept kept = {});
    // In bytes, without a look at the disk; absent: it is not kept.
    std::optional<std::uint64_t> size_of(const std::string& key) const;

  private:
    // What the folder holds, by file name. Shared with the jobs, which may outlive the cache.
    class Index;

    SpeechCache(std::filesystem::path folder, std::uint64_t most_bytes, DiskThread& disk);

    std::filesystem::path folder_;
    std::uint64_t most_bytes_;
    DiskThread& disk_;
    std::shared_ptr<Index> index_;
};

}  // namespace patchbay::store
