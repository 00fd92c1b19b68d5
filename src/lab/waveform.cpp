// SPDX-License-Identifier: Apache-2.0
#include "lab/waveform.hpp"

#include "media/level.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace patchbay::lab {
namespace {

constexpr double kQuietest = -54;  // dBFS; below it a space
constexpr double kStep = 6;        // dB
constexpr std::array<std::string_view, 8> kHeights = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
// Marks closer than this run into each other.
constexpr std::size_t kMarkRoom = 6;

std::string_view height_of(double level) {
    if (level < kQuietest) {
        return " ";
    }
    const auto step = static_cast<std::size_t>((level - kQuietest) / kStep);
    return kHeights[std::min(step, kHeights.size() - 1)];
}

}  // namespace

std::string draw_waveform(std::span<const std::int16_t> samples, std::size_t columns) {
    std::string out;
    for (std::size_t i = 0; i < columns; ++i) {
        const std::size_t begin = samples.size() * i / columns;
        const std::size_t end = samples.size() * (i + 1) / columns;
        out += height_of(media::rms_level(samples.subspan(begin, end - begin)));
    }
    return out;
}

std::string draw_time_axis(Milliseconds length, std::size_t columns) {
    std::string out(columns, ' ');
    const auto total = static_cast<std::size_t>(std::max<std::int64_t>(length.count(), 1));
    std::size_t free_from = 0;
    for (std::size_t second = 0; second * 1000 < total; ++second) {
        const std::size_t at = second * 1000 * columns / total;
        const std::string mark = std::to_string(second) + "s";
        if (at >= free_from && at + mark.size() <= columns) {
            out.replace(at, mark.size(), mark);
            free_from = at + kMarkRoom;
        }
    }
    return out;
}

}  // namespace patchbay::lab
