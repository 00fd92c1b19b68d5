// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace patchbay::media {

// Where the bytes of an encoded file go. A header is written first and corrected at the end.
class ByteTarget {
  public:
    ByteTarget() = default;
    ByteTarget(const ByteTarget&) = delete;
    ByteTarget& operator=(const ByteTarget&) = delete;
    virtual ~ByteTarget() = default;

    virtual Result<void> write_at(std::uint64_t offset, ByteView bytes) = 0;
};

enum class FileKind : std::uint8_t { Wav, Flac, Opus, Mp3 };

// "wav", "flac", "opus", "ogg" (Opus), "mp3", in any case.
std::optional<FileKind> file_kind(std::string_view word);
// As the end of a file's name: ".mp3".
std::string_view extension_of(FileKind kind);
// Opus knows five rates only (RFC 7845 5.1 codes at 48 kHz; libopus takes 8, 12, 16, 24, 48).
bool can_encode(FileKind kind, int sample_rate);

// Encodes 16-bit samples into a file, piece by piece. One step may take milliseconds.
class FileEncoder {
  public:
    FileEncoder() = default;
    FileEncoder(const FileEncoder&) = delete;
    FileEncoder& operator=(const FileEncoder&) = delete;
    virtual ~FileEncoder() = default;

    // `channels`: 1 or 2. Unsupported: the kind does not know the rate.
    static Result<std::unique_ptr<FileEncoder>> make(FileKind kind,
                                                     int sample_rate,
                                                     int channels,
                                                     std::unique_ptr<ByteTarget> target);

    // Interleaved, whole frames.
    virtual Result<void> write(std::span<const std::int16_t> interleaved) = 0;
    // Once, at the end; then the file is whole.
    virtual Result<void> finish() = 0;
};

}  // namespace patchbay::media
