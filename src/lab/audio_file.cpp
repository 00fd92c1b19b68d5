// SPDX-License-Identifier: Apache-2.0
#include "lab/audio_file.hpp"

#include "base/ensure.hpp"
#include "media/frame.hpp"

#include <sndfile.h>

#include <memory>

namespace patchbay::lab {
namespace {

struct Closer {
    void operator()(SNDFILE* file) const { sf_close(file); }
};
using File = std::unique_ptr<SNDFILE, Closer>;

int format_of(AudioFormat format) {
    return format == AudioFormat::Wav ? SF_FORMAT_WAV | SF_FORMAT_PCM_16
                                      : SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;
}

}  // namespace

Result<AudioFile> read_audio_file(const std::string& path) {
    SF_INFO info{};
    const File file(sf_open(path.c_str(), SFM_READ, &info));
    if (!file) {
        const bool missing = sf_error(nullptr) == SF_ERR_SYSTEM;
        return fail(missing ? Errc::NotFound : Errc::Malformed, "sound file");
    }
    const auto channels = static_cast<std::size_t>(info.channels);
    std::vector<std::int16_t> interleaved(static_cast<std::size_t>(info.frames) * channels);
    const sf_count_t read = sf_readf_short(file.get(), interleaved.data(), info.frames);
    AudioFile audio{.sample_rate = info.samplerate, .channels = {}};
    audio.channels.resize(channels);
    for (std::size_t i = 0; i < static_cast<std::size_t>(read) * channels; ++i) {
        audio.channels[i % channels].push_back(interleaved[i]);
    }
    return audio;
}

Result<void> write_audio_file(const std::string& path, const AudioFile& audio, AudioFormat format) {
    const std::size_t channels = audio.channels.size();
    std::vector<std::int16_t> interleaved;
    interleaved.reserve(audio.samples() * channels);
    for (std::size_t i = 0; i < audio.samples(); ++i) {
        for (const auto& channel : audio.channels) {
            interleaved.push_back(channel[i]);
        }
    }
    SF_INFO info{};
    info.samplerate = audio.sample_rate;
    info.channels = static_cast<int>(channels);
    info.format = format_of(format);
    const File file(sf_open(path.c_str(), SFM_WRITE, &info));
    const auto frames = static_cast<sf_count_t>(audio.samples());
    if (!file || sf_writef_short(file.get(), interleaved.data(), frames) != frames) {
        return fail(Errc::System, "sound file");
    }
    return {};
}

AudioFile make_tone_file(const media::ToneSpec& tone) {
    PB_ENSURE(tone.length.has_value());
    AudioFile audio;
    audio.channels.resize(1);
    audio.channels.front().resize(media::samples_in(*tone.length));
    media::ToneGenerator(tone).generate(audio.channels.front());
    return audio;
}

}  // namespace patchbay::lab
