// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "store/descriptor.hpp"

#include <cstdint>
#include <span>

namespace patchbay::store {

// A 16-bit PCM WAV file, stereo or mono, that is written at positions. The header names only what
// was on disk before it, so the file is a whole WAV between any two system calls. What is skipped
// between two writes reads as silence.
class WavFile {
  public:
    // Writes the header of an empty recording.
    static Result<WavFile> make(Descriptor file, int sample_rate, int channels = 2);
    // One that an earlier run of the server wrote. Malformed: it is none of ours.
    static Result<WavFile> open(Descriptor file);

    // Interleaved samples, left first; `position` counts samples of one channel. TooLarge past what
    // RIFF can name.
    Result<void> write(std::uint64_t position, std::span<const std::int16_t> interleaved);
    // The file is at least this long; the end reads as silence.
    Result<void> extend(std::uint64_t samples);
    // Samples of all channels from `position` on, for whoever makes something else of the file.
    // Returns how many there were; 0 at the end.
    Result<std::size_t> read(std::uint64_t position, std::span<std::int16_t> interleaved) const;

    // Of one channel.
    std::uint64_t samples() const { return data_bytes_ / block_bytes_; }
    int sample_rate() const { return sample_rate_; }
    int channels() const { return static_cast<int>(block_bytes_ / sizeof(std::int16_t)); }
    std::uint64_t file_bytes() const { return kHeaderBytes + data_bytes_; }

    static constexpr std::size_t kHeaderBytes = 44;

  private:
    WavFile(Descriptor file, int sample_rate, int channels)
        : file_(std::move(file)),
          sample_rate_(sample_rate),
          block_bytes_(sizeof(std::int16_t) * static_cast<std::size_t>(channels)) {}

    Result<void> write_header() const;

    Descriptor file_;
    int sample_rate_;
    std::size_t block_bytes_;  // of one sample of all channels
    std::uint64_t data_bytes_ = 0;
};

}  // namespace patchbay::store
