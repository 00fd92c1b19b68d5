// SPDX-License-Identifier: Apache-2.0
// Any bytes as a WAV, FLAC or Ogg file: the decoder survives them, and gives as much sound in large
// pieces as in small ones.
#include "media_decoding.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using patchbay::fuzz::decode_file;
    const std::size_t samples = decode_file({data, size}, 320);
    PB_ENSURE(samples >= 160'000 || decode_file({data, size}, 1601) == samples);
    return 0;
}
