// SPDX-License-Identifier: Apache-2.0
#include "media/file_decoder.hpp"

#include "base/random.hpp"
#include "media/frame.hpp"
#include "media/level.hpp"
#include "media/tone.hpp"
#include "media/tone_detector.hpp"

#include <gtest/gtest.h>
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

// libsndfile 1.2.0 loses 6 kB of libvorbis when a damaged Ogg file cannot be opened. Not ours to
// free; everything else that leaks is still reported.
extern "C" const char* __lsan_default_suppressions() {
    // The library, not its function: where no symbolizer is found, frames have no names.
    return "leak:libvorbis\nleak:libsndfile\n";
}

namespace patchbay::media {
namespace {

// A file in memory that libsndfile writes.
struct WrittenFile {
    Bytes bytes;
    std::size_t position = 0;
};

SF_VIRTUAL_IO memory_calls() {
    return {
        .get_filelen =
            [](void* user) {
                return static_cast<sf_count_t>(static_cast<WrittenFile*>(user)->bytes.size());
            },
        .seek =
            [](sf_count_t offset, int whence, void* user) {
                auto& file = *static_cast<WrittenFile*>(user);
                const std::size_t base = whence == SF_SEEK_SET   ? 0
                                         : whence == SF_SEEK_CUR ? file.position
                                                                 : file.bytes.size();
                file.position = base + static_cast<std::size_t>(offset);
                return static_cast<sf_count_t>(file.position);
            },
        .read =
            [](void* out, sf_count_t count, void* user) {
                auto& file = *static_cast<WrittenFile*>(user);
                const auto n =
                    std::min(static_cast<std::size_t>(count), file.bytes.size() - file.position);
                std::memcpy(out, file.bytes.data() + file.position, n);
                file.position += n;
                return static_cast<sf_count_t>(n);
            },
        .write =
            [](const void* in, sf_count_t count, void* user) {
                auto& file = *static_cast<WrittenFile*>(user);
                const auto n = static_cast<std::size_t>(count);
                file.bytes.resize(std::max(file.bytes.size(), file.position + n));
                std::memcpy(file.bytes.data() + file.position, in, n);
                file.position += n;
                return count;
            },
        .tell =
            [](void* user) {
                return static_cast<sf_count_t>(static_cast<WrittenFile*>(user)->position);
            },
    };
}

struct Kind {
    std::string name;
    int format;
    int rate;
    int channels;
};

// Two seconds of 1 kHz at -12 dBFS, in every channel.
Bytes written(const Kind& kind) {
    WrittenFile file;
    auto calls = memory_calls();
    SF_INFO info{};
    info.samplerate = kind.rate;
    info.channels = kind.channels;
    info.format = kind.format;
    SNDFILE* const out = sf_open_virtual(&calls, SFM_WRITE, &info, &file);
    EXPECT_NE(out, nullptr) << sf_strerror(nullptr);
    ToneGenerator tone({.frequency = 1000, .level = -12}, kind.rate);
    std::vector<std::int16_t> mono(static_cast<std::size_t>(kind.rate) * 2);
    tone.generate(mono);
    std::vector<float> all;
    for (const std::int16_t sample : mono) {
        all.insert(all.end(), static_cast<std::size_t>(kind.channels), sample / 32768.0F);
    }
    sf_writef_float(out, all.data(), static_cast<sf_count_t>(mono.size()));
    sf_close(out);
    return file.bytes;
}

Result<std::unique_ptr<FileDecoder>> open(Bytes bytes) {
    return FileDecoder::open(std::make_unique<MemoryByteSource>(std::move(bytes)));
}

Result<std::vector<std::int16_t>> decode_all(FileDecoder& decoder) {
    std::vector<std::int16_t> out;
    std::vector<std::int16_t> piece(777);
    while (true) {
        PB_TRY(const std::size_t count, decoder.read(piece));
        if (count == 0) {
            return out;
        }
        out.insert(out.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count));
    }
}

class FileOf : public testing::TestWithParam<Kind> {};

TEST_P(FileOf, ATonePlaysWithItsFrequencyLevelAndLength) {
    const auto decoder = open(written(GetParam()));
    ASSERT_TRUE(decoder) << describe(decoder.error());
    const auto samples = decode_all(**decoder);
    ASSERT_TRUE(samples) << describe(samples.error());
    EXPECT_NEAR(static_cast<double>(samples->size()), 32000, 16000 * 0.06);
    const auto tone = find_tone(std::span(*samples).subspan(1600, 28000), kSampleRate);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 1000, 1);
    EXPECT_NEAR(tone->level, -12, 0.5);
    ASSERT_TRUE((*decoder)->total_duration());
    EXPECT_NEAR(static_cast<double>(whole_milliseconds(*(*decoder)->total_duration()).count()),
                2000, 60);
}

TEST_P(FileOf, AFileCutAnywhereGivesSoundOrAnErrorThatNamesIt) {
    const Bytes whole = written(GetParam());
    for (const double share : {0.0, 0.001, 0.01, 0.1, 0.5, 0.9}) {
        const auto size = static_cast<std::ptrdiff_t>(static_cast<double>(whole.size()) * share);
        auto decoder = open(Bytes(whole.begin(), whole.begin() + size));
        if (!decoder) {
            EXPECT_FALSE(decoder.error().where.empty());
            continue;
        }
        const auto samples = decode_all(**decoder);
        if (samples) {
            EXPECT_LE(samples->size(), 33000U);
        } else {
            EXPECT_EQ(samples.error().code, Errc::Malformed);
        }
    }
}

TEST_P(FileOf, FlippedBitsNeverBreakTheDecoder) {
    const Bytes whole = written(GetParam());
    SeededRandom random(7);
    for (int round = 0; round < 5; ++round) {
        Bytes damaged = whole;
        for (int flips = 0; flips < 40; ++flips) {
            const auto at = random.below(static_cast<std::uint32_t>(damaged.size() - 12)) + 12;
            damaged[at] = static_cast<std::uint8_t>(random.below(256));
        }
        auto decoder = open(std::move(damaged));
        if (decoder) {
            (void)decode_all(**decoder);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds,
    FileOf,
    testing::Values(Kind{"Wav8", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1},
                    Kind{"Wav16Stereo", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 2},
                    Kind{"Wav44Float", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 44100, 2},
                    Kind{"WavMuLaw", SF_FORMAT_WAV | SF_FORMAT_ULAW, 8000, 1},
                    Kind{"Flac48Stereo", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 48000, 2},
                    Kind{"OggVorbis", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, 1},
                    Kind{"OggOpus", SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000, 1},
                    Kind{"Mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 44100, 1},
                    Kind{"Mp3Stereo", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 16000, 2}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(FileDecoder, WhatIsNoMediaFileIsUnsupported) {
    for (const std::string_view text :
         {"", "R", "RIFF", "RIFF....AVI ", "#!/bin/sh\n", "\xFF\xF1 AAC", "PNG"}) {
        const auto decoder = open(Bytes(text.begin(), text.end()));
        ASSERT_FALSE(decoder) << text;
        EXPECT_EQ(decoder.error().code, Errc::Unsupported) << text;
    }
}

TEST(FileDecoder, AKnownBeginningWithNothingBehindItIsMalformed) {
    for (const auto& [text, kind] : std::vector<std::pair<std::string, std::string>>{
             {"RIFF\x10\1\1\1WAVEjunk", "WAV file"},
             {"fLaCgarbage that is no block", "FLAC file"},
             {"OggSgarbage that is no page at all", "Ogg file"},
             {"ID3 and then nothing that is MPEG", "MP3 file"}}) {
        const auto decoder = open(Bytes(text.begin(), text.end()));
        ASSERT_FALSE(decoder) << text;
        EXPECT_EQ(decoder.error().code, Errc::Malformed);
        EXPECT_EQ(decoder.error().where, kind);
    }
}

// A source whose disk fails after the first kilobytes.
class FailingSource final : public ByteSource {
  public:
    explicit FailingSource(Bytes bytes) : inner_(std::move(bytes)) {}
    std::uint64_t size() const override { return inner_.size(); }
    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
        if (offset > 8192) {
            return fail(Errc::System, "read", 5);
        }
        return inner_.read_at(offset, out);
    }

  private:
    MemoryByteSource inner_;
};

TEST(FileDecoder, AReadErrorIsReportedAsItself) {
    for (const Kind& kind : {Kind{"Wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 1},
                             Kind{"Mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 44100, 1}}) {
        auto decoder = FileDecoder::open(std::make_unique<FailingSource>(written(kind)));
        ASSERT_TRUE(decoder) << kind.name;
        const auto samples = decode_all(**decoder);
        ASSERT_FALSE(samples) << kind.name;
        EXPECT_EQ(samples.error(), (Error{Errc::System, "read", 5})) << kind.name;
    }
}

TEST(FileDecoder, AClickStaysWhereItIs) {
    WrittenFile file;
    auto calls = memory_calls();
    SF_INFO info{};
    info.samplerate = 48000;
    info.channels = 1;
    info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    SNDFILE* const out = sf_open_virtual(&calls, SFM_WRITE, &info, &file);
    std::vector<std::int16_t> samples(48000);
    std::fill_n(samples.begin() + 24000, 48, std::int16_t{20000});
    sf_writef_short(out, samples.data(), 48000);
    sf_close(out);
    auto decoder = open(file.bytes);
    ASSERT_TRUE(decoder);
    const auto decoded = *decode_all(**decoder);
    const auto loudest = std::ranges::max_element(decoded);
    EXPECT_NEAR(static_cast<double>(loudest - decoded.begin()), 8008, 10);
}

}  // namespace
}  // namespace patchbay::media
