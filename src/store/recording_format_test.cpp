// SPDX-License-Identifier: Apache-2.0
// Recordings that are not stereo WAV: what the file is asked to be, and what happens on the way.
#include "media/file_decoder.hpp"
#include "media/tone.hpp"
#include "media/tone_detector.hpp"
#include "store/file_reader.hpp"
#include "store/recording_compression.hpp"
#include "store/recording_writer.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace patchbay::store {
namespace {

namespace fs = std::filesystem;
using media::Frame;
using testing::EndsWith;
using testing::IsEmpty;

class RecordingFormat : public testing::Test {
  protected:
    // Two seconds of 500 Hz from the caller, and of 1200 Hz from the other side.
    RecordingClosed record(RecordingRequest request) {
        std::promise<RecordingClosed> closed;
        auto sink = writer_.start(std::move(request), [&](const RecordingReport& report) {
            if (const auto* const one = std::get_if<RecordingClosed>(&report)) {
                closed.set_value(*one);
            }
        });
        EXPECT_TRUE(sink);
        media::ToneGenerator left({.frequency = 500, .level = -15});
        media::ToneGenerator right({.frequency = 1200, .level = -15});
        for (std::uint64_t i = 0; i < 100; ++i) {
            Frame caller;
            Frame server;
            left.generate(caller);
            right.generate(server);
            (*sink)->write(i * media::kFrameSamples, caller, server);
        }
        sink->reset();
        return closed.get_future().get();
    }
    // What a player hears: 16 kHz mono.
    static std::vector<std::int16_t> decode(const std::string& path) {
        const std::string file = test::read_file(path);
        auto decoder = media::FileDecoder::open(
            std::make_unique<media::MemoryByteSource>(Bytes(file.begin(), file.end())));
        EXPECT_TRUE(decoder) << path;
        std::vector<std::int16_t> all;
        std::vector<std::int16_t> block(1600);
        while (const std::size_t count = decoder ? (*decoder)->read(block).value_or(0) : 0) {
            all.insert(all.end(), block.begin(),
                       block.begin() + static_cast<std::ptrdiff_t>(count));
        }
        return all;
    }
    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(folder_.path())) {
            names.push_back(entry.path().filename().string());
        }
        return names;
    }

    test::TemporaryFolder folder_;
    DiskThread compression_;
    DiskThread disk_;
    RecordingWriter writer_{*FileJail::make({folder_.path().string()}), disk_, &compression_};
};

TEST_F(RecordingFormat, MonoHoldsBothSidesInOneChannel) {
    const auto closed = record({.file = "m.wav", .id = "x", .mono = true});
    const auto wav = test::parse_wav(test::read_file(closed.path));
    ASSERT_TRUE(wav);
    EXPECT_EQ(wav->channels, 1);
    EXPECT_EQ(wav->samples(), 32000U);
    const std::span<const std::int16_t> all(wav->tracks[0]);
    EXPECT_GT(media::tone_level(all.subspan(8000, 8000), 500, 16000), -20);
    EXPECT_GT(media::tone_level(all.subspan(8000, 8000), 1200, 16000), -20);
}

struct FormatCase {
    const char* file;
    const char* format;
    const char* made;
    std::string_view magic;
};
class RecordingFormatOf : public RecordingFormat, public testing::WithParamInterface<FormatCase> {};

TEST_P(RecordingFormatOf, IsToldByTheWordOrTheExtensionAndHoldsTheSound) {
    const FormatCase& one = GetParam();
    const auto closed = record({.file = one.file, .id = "x", .format = one.format});
    EXPECT_THAT(closed.path, EndsWith(one.made));
    EXPECT_EQ(closed.duration, Seconds(2));
    EXPECT_EQ(closed.bytes, fs::file_size(closed.path));
    const std::string bytes = test::read_file(closed.path);
    EXPECT_TRUE(std::string_view(bytes).starts_with(one.magic)) << bytes.substr(0, 4);
    EXPECT_EQ(files().size(), 1U) << "the WAV it was made of is gone";
    const auto heard = decode(closed.path);
    EXPECT_NEAR(static_cast<double>(heard.size()), 32000, 3200);
    const std::span<const std::int16_t> all(heard);
    ASSERT_GT(all.size(), 20000U);
    // The two channels of -15 dB, mixed to one, each at half its height.
    EXPECT_NEAR(media::tone_level(all.subspan(8000, 8000), 500, 16000), -21, 1);
    EXPECT_NEAR(media::tone_level(all.subspan(8000, 8000), 1200, 16000), -21, 1);
}

INSTANTIATE_TEST_SUITE_P(Kinds,
                         RecordingFormatOf,
                         testing::Values(FormatCase{"a.flac", "", "/a.flac", "fLaC"},
                                         FormatCase{"a.opus", "", "/a.opus", "OggS"},
                                         FormatCase{"a.ogg", "", "/a.ogg", "OggS"},
                                         FormatCase{"a.mp3", "", "/a.mp3", ""},
                                         FormatCase{"a.MP3", "", "/a.MP3", ""},
                                         FormatCase{"deep/er/a.flac", "", "/deep/er/a.flac",
                                                    "fLaC"},
                                         FormatCase{"", "mp3", "/x.mp3", ""},
                                         FormatCase{"a.wav", "flac", "/a.wav.flac", "fLaC"},
                                         FormatCase{"a.flac", "wav", "/a.flac.wav", "RIFF"},
                                         FormatCase{"a.v2", "", "/a.v2.wav", "RIFF"},
                                         FormatCase{"a", "pcmu", "/a.wav", "RIFF"},
                                         FormatCase{"a", "g722", "/a.wav", "RIFF"}));

TEST_F(RecordingFormat, ARateThatTheFormatDoesNotKnowIsRefused) {
    const auto sink = writer_.start({.file = "a.opus", .id = "x", .sample_rate = 44100},
                                    [](const RecordingReport&) {});
    ASSERT_FALSE(sink);
    EXPECT_EQ(sink.error().code, Errc::Unsupported);
}

TEST_F(RecordingFormat, AnExistingCompressedFileIsNeverOverwritten) {
    const auto first = record({.file = "a.flac", .id = "x"});
    const auto second = record({.file = "a.flac", .id = "x"});
    EXPECT_THAT(first.path, EndsWith("/a.flac"));
    EXPECT_THAT(second.path, EndsWith("/a-1.flac"));
}

TEST_F(RecordingFormat, WhatAKilledServerLeftIsFinishedByTheNextStart) {
    // Killed: the WAV under its working name, whole up to the last flush.
    {
        const auto jail = FileJail::make({folder_.path().string()});
        auto created = jail->create(working_name("night/a.mp3"));
        auto wav = WavFile::make(std::move(created->file), 16000);
        media::ToneGenerator tone({.frequency = 500, .level = -15});
        std::vector<std::int16_t> samples(64000);
        tone.generate(samples);
        ASSERT_TRUE(wav->write(0, samples));
    }
    writer_.compress_leftovers();
    const fs::path made = folder_.path() / "night/a.mp3";
    const fs::path working = folder_.path() / "night" / working_name("a.mp3");
    while (!fs::exists(made) || fs::exists(working)) {
        std::this_thread::yield();
    }
    EXPECT_NEAR(static_cast<double>(decode(made.string()).size()), 32000, 3200);
}

TEST_F(RecordingFormat, AServerThatGoesDownLeavesAPlayableWav) {
    std::promise<RecordingClosed> closed;
    {
        DiskThread compression;
        DiskThread disk;
        RecordingWriter writer(*FileJail::make({folder_.path().string()}), disk, &compression);
        const auto sink =
            writer.start({.file = "a.mp3", .id = "x"}, [&](const RecordingReport& report) {
                if (const auto* const one = std::get_if<RecordingClosed>(&report)) {
                    closed.set_value(*one);
                }
            });
        (*sink)->write(0, Frame{}, Frame{});
    }
    const auto path = closed.get_future().get().path;
    EXPECT_THAT(path, EndsWith(working_name("a.mp3")));
    EXPECT_TRUE(test::parse_wav(test::read_file(path)));
}

}  // namespace
}  // namespace patchbay::store
