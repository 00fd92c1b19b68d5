// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "media/byte_source.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace patchbay::media {

// What a picture of a recording needs: for each of its equal pieces the largest magnitude, 0 to 1,
// of the left channel and of the right (the same where the file has one channel).
struct SoundOutline {
    Milliseconds duration{0};
    std::vector<float> left;
    std::vector<float> right;
};

// Reads the file whole, so not on a shard. `pieces`: at least 1; fewer come back of a file that has
// not as many samples. Malformed, Unsupported as FileDecoder::open; every kind that libsndfile
// knows.
Result<SoundOutline> measure_outline(std::unique_ptr<ByteSource> bytes, std::size_t pieces);

}  // namespace patchbay::media
