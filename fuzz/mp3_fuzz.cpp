// SPDX-License-Identifier: Apache-2.0
// Any bytes behind the first of an MP3 file: the decoder survives them, wherever the stream breaks
// off.
#include "media/file_decoder.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay;
    Bytes file(data, data + size);
    const bool tagged = as_text(file).starts_with("ID3");
    if (!tagged && size >= 2) {
        file[0] = 0xFF;
        file[1] |= 0xE2;
    }
    const auto decoder =
        media::FileDecoder::open(std::make_unique<media::MemoryByteSource>(std::move(file)));
    if (!decoder) {
        return 0;
    }
    std::array<std::int16_t, 320> out{};
    for (int frames = 0; frames < 500; ++frames) {
        const auto count = (*decoder)->read(out);
        if (!count || *count == 0) {
            break;
        }
    }
    return 0;
}
