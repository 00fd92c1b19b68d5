// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "media/byte_source.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace patchbay::media {

// Decodes a media file piece by piece into 16 kHz mono: WAV, FLAC, Ogg Vorbis and Opus
// (libsndfile), MP3 (mpg123). The kind is told by the first bytes, never by a name. Reads no more
// of the file than it needs; runs on the reader thread, because one step may take a millisecond.
class FileDecoder {
  public:
    FileDecoder() = default;
    FileDecoder(const FileDecoder&) = delete;
    FileDecoder& operator=(const FileDecoder&) = delete;
    virtual ~FileDecoder() = default;

    // Unsupported: not a kind we know. Malformed: it begins like one, and is damaged. The error's
    // `where` names the kind of file.
    static Result<std::unique_ptr<FileDecoder>> open(std::unique_ptr<ByteSource> bytes);

    // Samples written; 0 at the end. Malformed when the file breaks off in a way that is not an
    // end; a WAV or MP3 that was cut plays as far as it goes.
    virtual Result<std::size_t> read(std::span<std::int16_t> out) = 0;
    // When the container says so.
    virtual std::optional<Nanoseconds> total_duration() const = 0;
};

}  // namespace patchbay::media
