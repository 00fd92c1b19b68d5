// SPDX-License-Identifier: Apache-2.0
#include "store/wav_file.hpp"

#include "base/bytes.hpp"
#include "store/limits.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

namespace patchbay::store {
namespace {

static_assert(std::endian::native == std::endian::little, "WAV samples are little-endian");

Result<void> write_all(int file, ByteView bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const ssize_t written =
            ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return fail(Errc::System, "recording", errno);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return {};
}

class HeaderWriter {
  public:
    void text(std::string_view four) { put(four.data(), four.size()); }
    void u16(std::uint16_t value) { put(&value, sizeof value); }
    void u32(std::uint32_t value) { put(&value, sizeof value); }
    ByteView bytes() const { return bytes_; }

  private:
    void put(const void* from, std::size_t size) {
        std::memcpy(bytes_.data() + used_, from, size);
        used_ += size;
    }

    std::array<std::uint8_t, WavFile::kHeaderBytes> bytes_{};
    std::size_t used_ = 0;
};

}  // namespace

Result<WavFile> WavFile::make(Descriptor file, int sample_rate) {
    WavFile out(std::move(file), sample_rate);
    PB_CHECK(out.write_header());
    return out;
}

Result<void> WavFile::write(std::uint64_t position, std::span<const std::int16_t> interleaved) {
    const std::uint64_t begin = position * kPairBytes;
    const std::uint64_t end = begin + interleaved.size_bytes();
    if (end > kMaxWavData) {
        return fail(Errc::TooLarge, "recording");
    }
    const ByteView bytes(reinterpret_cast<const std::uint8_t*>(interleaved.data()),
                         interleaved.size_bytes());
    PB_CHECK(write_all(file_.get(), bytes, kHeaderBytes + begin));
    data_bytes_ = std::max(data_bytes_, end);
    return write_header();
}

Result<void> WavFile::extend(std::uint64_t pairs) {
    const std::uint64_t end = std::min(pairs * kPairBytes, kMaxWavData / kPairBytes * kPairBytes);
    if (end <= data_bytes_) {
        return {};
    }
    if (::ftruncate(file_.get(), static_cast<off_t>(kHeaderBytes + end)) != 0) {
        return fail(Errc::System, "recording", errno);
    }
    data_bytes_ = end;
    return write_header();
}

// Multimedia Programming Interface and Data Specifications 1.0: RIFF, "fmt " with PCM, "data".
Result<void> WavFile::write_header() const {
    constexpr std::uint16_t kPcm = 1;
    constexpr std::uint16_t kChannels = 2;
    const auto rate = static_cast<std::uint32_t>(sample_rate_);
    const auto data = static_cast<std::uint32_t>(data_bytes_);
    HeaderWriter header;
    header.text("RIFF");
    header.u32(data + 36);
    header.text("WAVE");
    header.text("fmt ");
    header.u32(16);
    header.u16(kPcm);
    header.u16(kChannels);
    header.u32(rate);
    header.u32(rate * kPairBytes);
    header.u16(kPairBytes);
    header.u16(16);
    header.text("data");
    header.u32(data);
    return write_all(file_.get(), header.bytes(), 0);
}

}  // namespace patchbay::store
