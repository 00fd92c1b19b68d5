// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::test {

// A 16-bit PCM WAV with the plain 44-byte header, read by the letter and by nothing of ours, so
// that tests judge what the recorder wrote.
struct Wav {
    std::uint32_t rate = 0;
    std::uint16_t channels = 0;
    std::vector<std::vector<std::int16_t>> tracks;  // one per channel

    std::size_t samples() const { return tracks.empty() ? 0 : tracks.front().size(); }
};

template <class T>
T little_endian(std::string_view bytes, std::size_t at) {
    T value = 0;
    for (std::size_t i = sizeof(T); i-- > 0;) {
        value = static_cast<T>((value << 8) | static_cast<std::uint8_t>(bytes[at + i]));
    }
    return value;
}

// Nothing when the header is wrong or names more than the file holds.
inline std::optional<Wav> parse_wav(std::string_view file) {
    constexpr std::size_t kHeader = 44;
    if (file.size() < kHeader || file.substr(0, 4) != "RIFF" || file.substr(8, 8) != "WAVEfmt " ||
        file.substr(36, 4) != "data") {
        return std::nullopt;
    }
    Wav out;
    out.channels = little_endian<std::uint16_t>(file, 22);
    out.rate = little_endian<std::uint32_t>(file, 24);
    const auto riff = little_endian<std::uint32_t>(file, 4);
    const auto data = little_endian<std::uint32_t>(file, 40);
    const std::size_t pair = std::size_t{2} * out.channels;
    const bool consistent = little_endian<std::uint16_t>(file, 20) == 1 && out.channels > 0 &&
                            little_endian<std::uint16_t>(file, 34) == 16 &&
                            little_endian<std::uint32_t>(file, 28) == out.rate * pair &&
                            little_endian<std::uint16_t>(file, 32) == pair && riff == data + 36 &&
                            kHeader + data <= file.size() && data % pair == 0;
    if (!consistent) {
        return std::nullopt;
    }
    out.tracks.resize(out.channels);
    for (std::size_t at = kHeader; at < kHeader + data; at += pair) {
        for (std::size_t channel = 0; channel < out.channels; ++channel) {
            out.tracks[channel].push_back(
                static_cast<std::int16_t>(little_endian<std::uint16_t>(file, at + 2 * channel)));
        }
    }
    return out;
}

}  // namespace patchbay::test
