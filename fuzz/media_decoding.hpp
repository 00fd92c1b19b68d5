// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ensure.hpp"
#include "media/file_decoder.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace patchbay::fuzz {

// Decodes a file in pieces of `piece` samples, at most ten seconds of it. Whatever the bytes are,
// there is sound or an error that names the kind of file.
inline std::size_t decode_file(std::span<const std::uint8_t> file, std::size_t piece) {
    constexpr std::size_t kMostSamples = 160'000;
    const auto decoder = media::FileDecoder::open(
        std::make_unique<media::MemoryByteSource>(Bytes(file.begin(), file.end())));
    if (!decoder) {
        PB_ENSURE(!decoder.error().where.empty());
        return 0;
    }
    (void)(*decoder)->total_duration();
    std::vector<std::int16_t> out(piece);
    std::size_t total = 0;
    while (total < kMostSamples) {
        const auto count = (*decoder)->read(out);
        if (!count) {
            PB_ENSURE(!count.error().where.empty());
            break;
        }
        PB_ENSURE(*count <= out.size());
        if (*count == 0) {
            break;
        }
        total += *count;
    }
    return total;
}

}  // namespace patchbay::fuzz
