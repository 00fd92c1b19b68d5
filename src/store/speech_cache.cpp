// SPDX-License-Identifier: Apache-2.0
#include "store/speech_cache.hpp"

#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/text.hpp"
#include "store/descriptor.hpp"
#include "store/limits.hpp"
#include "store/one_time_job.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <memory>
#include <system_error>
#include <utility>

namespace patchbay::store {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kSuffix = ".pcm";

std::string sha256(std::string_view text) {
    std::array<std::uint8_t, 32> digest{};
    unsigned int size = 0;
    const int done =
        EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
    PB_ENSURE(done == 1 && size == digest.size());
    return to_hex(digest);
}

using Samples = SpeechCache::Samples;

struct Kept {
    fs::path path;
    std::uint64_t bytes = 0;
    fs::file_time_type asked;
};

std::vector<Kept> files_in(const fs::path& folder) {
    std::vector<Kept> out;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        std::error_code gone;
        Kept kept{at->path(), at->file_size(gone), at->last_write_time(gone)};
        if (!gone && kept.path.extension() == kSuffix) {
            out.push_back(std::move(kept));
        }
    }
    return out;
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

void write(const fs::path& path, const Samples& samples) {
    fs::path beside = path;
    beside += ".part";
    {
        const Descriptor file(
            ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(samples.data());
        if (!file || !write_all(file, ByteView(bytes, samples.size() * sizeof(std::int16_t)), 0)) {
            ::unlink(beside.c_str());
            return;
        }
    }
    ::rename(beside.c_str(), path.c_str());
}

void make_room(const fs::path& folder, std::uint64_t most_bytes) {
    std::vector<Kept> files = files_in(folder);
    std::uint64_t bytes = 0;
    for (const Kept& kept : files) {
        bytes += kept.bytes;
    }
    std::ranges::sort(files, {}, &Kept::asked);
    for (const Kept& oldest : files) {
        if (bytes <= most_bytes) {
            return;
        }
        std::error_code gone;
        fs::remove(oldest.path, gone);
        bytes -= oldest.bytes;
    }
}

}  // namespace

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

fs::path SpeechCache::path_of(const std::string& key) const {
    return folder_ / (sha256(key) + std::string(kSuffix));
}

void SpeechCache::find(const std::string& key, Found found) {
    disk_.add(make_one_time_job(
        [path = path_of(key), found = std::move(found)]() mutable { found(read(path)); }));
}

void SpeechCache::keep(const std::string& key, Samples samples) {
    if (samples.empty() || samples.size() * sizeof(std::int16_t) > most_bytes_) {
        return;
    }
    disk_.add(make_one_time_job(
        [folder = folder_, most = most_bytes_, path = path_of(key), samples = std::move(samples)] {
            write(path, samples);
            make_room(folder, most);
        }));
}

}  // namespace patchbay::store
