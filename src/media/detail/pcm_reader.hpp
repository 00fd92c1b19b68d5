// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "media/byte_source.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace patchbay::media::detail {

// A media file as mono samples at its own rate; FileDecoder brings them to 16 kHz.
class PcmReader {
  public:
    PcmReader() = default;
    PcmReader(const PcmReader&) = delete;
    PcmReader& operator=(const PcmReader&) = delete;
    virtual ~PcmReader() = default;

    virtual int sample_rate() const = 0;
    virtual std::optional<std::uint64_t> total_samples() const = 0;
    // Samples written; 0 at the end.
    virtual Result<std::size_t> read(std::span<std::int16_t> out) = 0;
};

// `kind` names the file in errors: "WAV file".
Result<std::unique_ptr<PcmReader>> open_sndfile(std::unique_ptr<ByteSource> bytes,
                                                std::string_view kind);
Result<std::unique_ptr<PcmReader>> open_mp3(std::unique_ptr<ByteSource> bytes);

}  // namespace patchbay::media::detail
