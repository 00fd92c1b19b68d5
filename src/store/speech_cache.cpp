// SPDX-License-Identifier: Apache-2.0
#include "store/speech_cache.hpp"

#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/text.hpp"
#include "store/descriptor.hpp"
#include "store/limits.hpp"
#include "store/one_time_job.hpp"
#include "store/whole_file.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace patchbay::store {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kSuffix = ".pcm";

using Samples = SpeechCache::Samples;

struct File {
    fs::path path;
    std::uint64_t bytes = 0;
    fs::file_time_type asked;
};

std::vector<File> files_in(const fs::path& folder) {
    std::vector<File> out;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        std::error_code gone;
        File file{at->path(), at->file_size(gone), at->last_write_time(gone)};
        if (!gone && file.path.extension() == kSuffix) {
            out.push_back(std::move(file));
        }
    }
    return out;
}

std::string name_of(const std::string& key) {
    return SpeechCache::digest(key) + std::string(kSuffix);
}

std::optional<Samples> read(const fs::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat status{};
    if (!file || ::fstat(file.get(), &status) != 0 || status.st_size < 2 ||
        static_cast<std::uint64_t>(status.st_size) > kMaxCachedSpeech) {
        return std::nullopt;
    }
    Samples samples(static_cast<std::size_t>(status.st_size) / sizeof(std::int16_t));
    const std::size_t bytes = samples.size() * sizeof(std::int16_t);
    if (::read(file.get(), samples.data(), bytes) != static_cast<ssize_t>(bytes)) {
        return std::nullopt;
    }
    ::futimens(file.get(), nullptr);  // asked for now
    return samples;
}

Result<void> write(const fs::path& path, const Samples& samples) {
    const std::string_view bytes(reinterpret_cast<const char*>(samples.data()),
                                 samples.size() * sizeof(std::int16_t));
    return write_whole_file(path, bytes).map_error([](Error error) {
        error.where = "speech cache";
        return error;
    });
}

}  // namespace

class SpeechCache::Index {
  public:
    explicit Index(const fs::path& folder) {
        for (const File& file : files_in(folder)) {
            bytes_[file.path.filename().string()] = file.bytes;
        }
    }

    std::optional<std::uint64_t> find(const std::string& name) const {
        const std::lock_guard lock(mutex_);
        const auto found = bytes_.find(name);
        return found != bytes_.end() ? std::optional(found->second) : std::nullopt;
    }
    void add(const std::string& name, std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        bytes_[name] = bytes;
    }
    // What was not asked for longest gives way.
    void make_room(const fs::path& folder, std::uint64_t most_bytes) {
        std::vector<File> files = files_in(folder);
        std::uint64_t bytes = 0;
        for (const File& file : files) {
            bytes += file.bytes;
        }
        std::ranges::sort(files, {}, &File::asked);
        for (const File& oldest : files) {
            if (bytes <= most_bytes) {
                return;
            }
            remove(oldest.path);
            bytes -= oldest.bytes;
        }
    }

  private:
    void remove(const fs::path& path) {
        std::error_code gone;
        fs::remove(path, gone);
        const std::lock_guard lock(mutex_);
        bytes_.erase(path.filename().string());
    }

    mutable std::mutex mutex_;  // guards bytes_
    std::unordered_map<std::string, std::uint64_t> bytes_;
};

std::string SpeechCache::digest(std::string_view text) {
    std::array<std::uint8_t, 32> digest{};
    unsigned int size = 0;
    const int done =
        EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
    PB_ENSURE(done == 1 && size == digest.size());
    return to_hex(digest);
}

SpeechCache::SpeechCache(fs::path folder, std::uint64_t most_bytes, DiskThread& disk)
    : folder_(std::move(folder)),
      most_bytes_(most_bytes),
      disk_(disk),
      index_(std::make_shared<Index>(folder_)) {}

Result<std::unique_ptr<SpeechCache>> SpeechCache::make(fs::path folder,
                                                       std::uint64_t most_bytes,
                                                       DiskThread& disk) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        return fail(Errc::System, "speech cache", error.value());
    }
    return std::unique_ptr<SpeechCache>(new SpeechCache(std::move(folder), most_bytes, disk));
}

std::optional<std::uint64_t> SpeechCache::size_of(const std::string& key) const {
    return index_->find(name_of(key));
}

void SpeechCache::find(const std::string& key, Found found) {
    disk_.add(make_one_time_job([path = folder_ / name_of(key),
                                 found = std::move(found)]() mutable { found(read(path)); }));
}

void SpeechCache::keep(const std::string& key, Samples samples, Kept kept) {
    const std::uint64_t bytes = samples.size() * sizeof(std::int16_t);
    if (bytes == 0 || bytes > std::min(most_bytes_, kMaxCachedSpeech)) {
        if (kept) {
            kept(fail(Errc::TooLarge, "speech to keep", static_cast<std::int64_t>(bytes)));
        }
        return;
    }
    disk_.add(make_one_time_job([folder = folder_, most = most_bytes_, index = index_, bytes,
                                 name = name_of(key), samples = std::move(samples),
                                 kept = std::move(kept)]() mutable {
        const Result<void> written = write(folder / name, samples);
        if (written) {
            index->add(name, bytes);
            index->make_room(folder, most);
        }
        if (kept) {
            kept(written.map([bytes] { return bytes; }));
        }
    }));
}

}  // namespace patchbay::store
