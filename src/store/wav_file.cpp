// SPDX-License-Identifier: Apache-2.0
#include "store/wav_file.hpp"

#include "base/bytes.hpp"
#include "store/limits.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

namespace patchbay::store {
namespace {

static_assert(std::endian::native == std::endian::little, "WAV samples are little-endian");

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

Result<WavFile> WavFile::make(Descriptor file, int sample_rate, int channels) {
    WavFile out(std::move(file), sample_rate, channels);
    PB_CHECK(out.write_header());
    return out;
}

// Only what write_header() writes: a recording that another run of the server began.
Result<WavFile> WavFile::open(Descriptor file) {
    std::array<std::uint8_t, kHeaderBytes> header{};
    struct stat status{};
    if (::fstat(file.get(), &status) != 0 || ::pread(file.get(), header.data(), header.size(), 0) !=
                                                 static_cast<ssize_t>(header.size())) {
        return fail(Errc::Malformed, "recording");
    }
    const auto u16 = [&](std::size_t at) { return header[at] | (header[at + 1] << 8); };
    const auto u32 = [&](std::size_t at) {
        return static_cast<std::uint32_t>(u16(at)) | static_cast<std::uint32_t>(u16(at + 2)) << 16;
    };
    const int channels = u16(22);
    const int rate = static_cast<int>(u32(24));
    const bool ours = as_text(header).starts_with("RIFF") && u16(20) == 1 && u16(34) == 16 &&
                      (channels == 1 || channels == 2) && rate >= 8000 && rate <= 48000;
    if (!ours) {
        return fail(Errc::Malformed, "recording");
    }
    WavFile out(std::move(file), rate, channels);
    out.data_bytes_ =
        std::min<std::uint64_t>(u32(40), static_cast<std::uint64_t>(status.st_size) - kHeaderBytes);
    return out;
}

Result<void> WavFile::write(std::uint64_t position, std::span<const std::int16_t> interleaved) {
    const std::uint64_t begin = position * block_bytes_;
    const std::uint64_t end = begin + interleaved.size_bytes();
    if (end > kMaxWavData) {
        return fail(Errc::TooLarge, "recording");
    }
    const ByteView bytes(reinterpret_cast<const std::uint8_t*>(interleaved.data()),
                         interleaved.size_bytes());
    PB_CHECK(write_all(file_, bytes, kHeaderBytes + begin));
    data_bytes_ = std::max(data_bytes_, end);
    return write_header();
}

Result<void> WavFile::extend(std::uint64_t samples) {
    const std::uint64_t end =
        std::min(samples * block_bytes_, kMaxWavData / block_bytes_ * block_bytes_);
    if (end <= data_bytes_) {
        return {};
    }
    if (::ftruncate(file_.get(), static_cast<off_t>(kHeaderBytes + end)) != 0) {
        return fail(Errc::System, "recording", errno);
    }
    data_bytes_ = end;
    return write_header();
}

Result<std::size_t> WavFile::read(std::uint64_t position,
                                  std::span<std::int16_t> interleaved) const {
    const std::uint64_t begin = position * block_bytes_;
    const std::uint64_t left = data_bytes_ > begin ? data_bytes_ - begin : 0;
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(interleaved.size_bytes(), left));
    ssize_t count = -1;
    do {
        count = ::pread(file_.get(), interleaved.data(), wanted,
                        static_cast<off_t>(kHeaderBytes + begin));
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
        return fail(Errc::System, "recording", errno);
    }
    return static_cast<std::size_t>(count) / block_bytes_ * block_bytes_ / sizeof(std::int16_t);
}

// Multimedia Programming Interface and Data Specifications 1.0: RIFF, "fmt " with PCM, "data".
Result<void> WavFile::write_header() const {
    constexpr std::uint16_t kPcm = 1;
    const auto block = static_cast<std::uint16_t>(block_bytes_);
    const auto rate = static_cast<std::uint32_t>(sample_rate_);
    const auto data = static_cast<std::uint32_t>(data_bytes_);
    HeaderWriter header;
    header.text("RIFF");
    header.u32(data + 36);
    header.text("WAVE");
    header.text("fmt ");
    header.u32(16);
    header.u16(kPcm);
    header.u16(static_cast<std::uint16_t>(channels()));
    header.u32(rate);
    header.u32(rate * block);
    header.u16(block);
    header.u16(16);
    header.text("data");
    header.u32(data);
    return write_all(file_, header.bytes(), 0);
}

}  // namespace patchbay::store
