// SPDX-License-Identifier: Apache-2.0
#include "media/sound_outline.hpp"

#include "media/detail/readable_sound_file.hpp"
#include "media/limits.hpp"

#include <algorithm>
#include <cmath>

namespace patchbay::media {
namespace {

float magnitude(float sample) {
    return std::isfinite(sample) ? std::min(std::abs(sample), 1.0F) : 0.0F;
}

}  // namespace

Result<SoundOutline> measure_outline(std::unique_ptr<ByteSource> bytes, std::size_t pieces) {
    detail::ReadableSoundFile file(std::move(bytes));
    SF_INFO info{};
    const detail::SndfileHandle handle = file.open(SFM_READ, info);
    if (handle == nullptr) {
        return tl::unexpected(file.failure().value_or(Error{Errc::Malformed, "sound file"}));
    }
    if (info.channels < 1 || info.channels > kMaxFileChannels || info.samplerate < kMinFileRate ||
        info.samplerate > kMaxFileRate || info.frames < 0 || info.frames == SF_COUNT_MAX) {
        return fail(Errc::Unsupported, "sound file");
    }
    const auto total = static_cast<std::uint64_t>(info.frames);
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(pieces, total));
    SoundOutline out{
        .duration = Milliseconds(total * 1000 / static_cast<unsigned>(info.samplerate)),
        .left = std::vector<float>(count),
        .right = std::vector<float>(count)};
    const auto channels = static_cast<std::size_t>(info.channels);
    const std::size_t right = channels > 1 ? 1 : 0;
    std::vector<float> block(kDecodeBlockSamples * channels);
    std::uint64_t at = 0;
    while (at < total) {
        const sf_count_t got = sf_readf_float(handle.get(), block.data(), kDecodeBlockSamples);
        if (got <= 0) {
            break;  // cut off: the rest is silence
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(got) && at < total; ++i, ++at) {
            const auto piece = static_cast<std::size_t>(at * count / total);
            out.left[piece] = std::max(out.left[piece], magnitude(block[i * channels]));
            out.right[piece] = std::max(out.right[piece], magnitude(block[i * channels + right]));
        }
    }
    if (file.failure()) {
        return tl::unexpected(*file.failure());
    }
    return out;
}

}  // namespace patchbay::media
