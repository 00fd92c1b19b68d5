// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "store/descriptor.hpp"

#include <cstdint>
#include <span>

namespace patchbay::store {

// A stereo 16-bit PCM WAV file that is written at positions. The header names only what was on disk
// before it, so the file is a whole WAV between any two system calls. What is skipped between two
// writes reads as silence.
class WavFile {
  public:
    // Writes the header of an empty recording.
    static Result<WavFile> make(Descriptor file, int sample_rate);

    // Interleaved samples, left first; `position` counts pairs. TooLarge past what RIFF can name.
    Result<void> write(std::uint64_t position, std::span<const std::int16_t> interleaved);
    // The file is at least this long; the end reads as silence.
    Result<void> extend(std::uint64_t pairs);

    std::uint64_t pairs() const { return data_bytes_ / kPairBytes; }
    std::uint64_t file_bytes() const { return kHeaderBytes + data_bytes_; }

    static constexpr std::size_t kHeaderBytes = 44;

  private:
    static constexpr std::size_t kPairBytes = 4;

    WavFile(Descriptor file, int sample_rate) : file_(std::move(file)), sample_rate_(sample_rate) {}

    Result<void> write_header() const;

    Descriptor file_;
    int sample_rate_;
    std::uint64_t data_bytes_ = 0;
};

}  // namespace patchbay::store
