// SPDX-License-Identifier: Apache-2.0
// Any bytes behind the first of an MP3 file: the decoder survives them, whichever way the stream
// breaks off.
#include "media_decoding.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::uint8_t> file(data, data + size);
    const bool tagged = size >= 3 && file[0] == 'I' && file[1] == 'D' && file[2] == '3';
    if (!tagged && size >= 2) {
        file[0] = 0xFF;
        file[1] |= 0xE2;
    }
    patchbay::fuzz::decode_file(file, 320);
    return 0;
}
