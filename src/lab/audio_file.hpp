// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "media/tone.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace patchbay::lab {

// A sound file as a whole, channel by channel, at its own rate: what a laboratory looks at. The
// server never reads a file whole; see media::FileDecoder for that.
struct AudioFile {
    int sample_rate = 16000;
    std::vector<std::vector<std::int16_t>> channels;  // of equal length

    std::size_t samples() const { return channels.empty() ? 0 : channels.front().size(); }
    Milliseconds length() const {
        return Milliseconds(static_cast<std::int64_t>(samples()) * 1000 / sample_rate);
    }
};

enum class AudioFormat : std::uint8_t { Wav, Mp3 };

// NotFound, or Malformed.
Result<AudioFile> read_audio_file(const std::string& path);
// Overwrites. System when the file cannot be written.
Result<void> write_audio_file(const std::string& path, const AudioFile& audio, AudioFormat format);

// One channel at 16 kHz; the tone's length must be given.
AudioFile make_tone_file(const media::ToneSpec& tone);

}  // namespace patchbay::lab
