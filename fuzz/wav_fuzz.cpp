// SPDX-License-Identifier: Apache-2.0
// Any bytes as a WAV, FLAC or Ogg file: there is sound or an error that names the kind of file, and
// as much sound in large pieces as in small ones.
#include "base/ensure.hpp"
#include "media/file_decoder.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace {

constexpr std::size_t kMostSamples = 160'000;  // ten seconds of what may claim to be years

std::size_t decode(patchbay::ByteView file, std::size_t piece) {
    using namespace patchbay;
    const auto decoder = media::FileDecoder::open(
        std::make_unique<media::MemoryByteSource>(Bytes(file.begin(), file.end())));
    if (!decoder) {
        PB_ENSURE(!decoder.error().where.empty());
        return 0;
    }
    std::vector<std::int16_t> out(piece);
    std::size_t total = 0;
    while (total < kMostSamples) {
        const auto count = (*decoder)->read(out);
        if (!count || *count == 0) {
            PB_ENSURE(count || !count.error().where.empty());
            return total;
        }
        PB_ENSURE(*count <= piece);
        total += *count;
    }
    return kMostSamples;
}

}  // namespace

// A leak inside libsndfile 1.2.0 for damaged Ogg files; see src/media/file_decoder_test.cpp.
extern "C" const char* __lsan_default_suppressions() {
    // The library, not its function: where no symbolizer is found, frames have no names.
    return "leak:libvorbis\nleak:libsndfile\n";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    PB_ENSURE(decode({data, size}, 320) == decode({data, size}, 1601));
    return 0;
}
