// SPDX-License-Identifier: Apache-2.0
#include "store/growing_bytes.hpp"

#include "media/file_encoder.hpp"
#include "media/tone.hpp"
#include "store/file_reader.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace patchbay::store {
namespace {

using State = media::FrameSource::State;

class MemoryTarget final : public media::ByteTarget {
  public:
    explicit MemoryTarget(std::shared_ptr<Bytes> bytes) : bytes_(std::move(bytes)) {}
    Result<void> write_at(std::uint64_t offset, ByteView piece) override {
        bytes_->resize(std::max<std::size_t>(bytes_->size(), offset + piece.size()));
        std::copy(piece.begin(), piece.end(),
                  bytes_->begin() + static_cast<std::ptrdiff_t>(offset));
        return {};
    }

  private:
    std::shared_ptr<Bytes> bytes_;  // shared with the test
};

// Twenty seconds of sound at 16 kHz.
Bytes file_of(media::FileKind kind) {
    const auto bytes = std::make_shared<Bytes>();
    auto encoder = media::FileEncoder::make(kind, 16000, 1, std::make_unique<MemoryTarget>(bytes));
    media::ToneGenerator tone({.frequency = 500, .level = -12});
    std::vector<std::int16_t> samples(std::size_t{16000} * 20);
    tone.generate(samples);
    std::uint32_t state = 1;
    for (auto& sample : samples) {
        // A little noise, so that FLAC cannot make kilobytes into bytes.
        state = state * 1664525U + 1013904223U;
        sample = static_cast<std::int16_t>(sample + static_cast<int>(state >> 24) - 128);
    }
    EXPECT_TRUE((*encoder)->write(samples));
    EXPECT_TRUE((*encoder)->finish());
    return *bytes;
}

class Growing : public testing::TestWithParam<media::FileKind> {
  protected:
    // Plays until so many frames held sound, or to the end; how many there were.
    int play(media::FrameSource& source, int frames) {
        int heard = 0;
        while (heard < frames) {
            last = source.read(frame);
            if (last == State::Ended || last == State::Failed) {
                break;
            }
            heard += last == State::Playing ? 1 : 0;
            std::this_thread::yield();
        }
        return heard;
    }

    test::TemporaryFolder folder_;
    DiskThread disk_;
    FileReader reader_{*FileJail::make({folder_.path().string()}), disk_};
    media::Frame frame{};
    State last = State::Starving;
};

TEST_P(Growing, PlaysBeforeTheDownloadEndsAndLosesNothing) {
    const Bytes file = file_of(GetParam());
    const auto bytes = std::make_shared<GrowingBytes>(file.size());
    const std::size_t half = file.size() / 2;
    const auto source = reader_.open(bytes);
    bytes->append(ByteView(file).first(half));
    const int early = play(*source, 100);
    EXPECT_EQ(early, 100) << "two seconds of the ten that are here";
    bytes->append(ByteView(file).subspan(half));
    bytes->complete();
    const int late = play(*source, 2000);
    EXPECT_EQ(last, State::Ended);
    EXPECT_NEAR(early + late, 1000, 5);
}

TEST_P(Growing, ADownloadThatBreaksIsHeardAsFarAsItCameAndFails) {
    const Bytes file = file_of(GetParam());
    const auto bytes = std::make_shared<GrowingBytes>(file.size());
    const auto source = reader_.open(bytes);
    bytes->append(ByteView(file).first(file.size() / 2));
    bytes->break_off({Errc::Timeout, "HTTP download"});
    EXPECT_GT(play(*source, 2000), 400);
    EXPECT_EQ(last, State::Failed);
    ASSERT_TRUE(source->failure());
    EXPECT_EQ(source->failure()->code, Errc::Timeout);
}

TEST_P(Growing, NothingPlaysOfADownloadThatBroughtNothing) {
    const auto bytes = std::make_shared<GrowingBytes>(std::nullopt);
    const auto source = reader_.open(bytes);
    bytes->break_off({Errc::NotFound, "HTTP status", 404});
    EXPECT_EQ(play(*source, 1), 0);
    EXPECT_EQ(last, State::Failed);
}

INSTANTIATE_TEST_SUITE_P(Kinds,
                         Growing,
                         testing::Values(media::FileKind::Wav,
                                         media::FileKind::Flac,
                                         media::FileKind::Mp3));

TEST(GrowingOgg, PlaysWhenItIsWhole) {
    test::TemporaryFolder folder;
    DiskThread disk;
    FileReader reader(*FileJail::make({folder.path().string()}), disk);
    const Bytes file = file_of(media::FileKind::Opus);
    const auto bytes = std::make_shared<GrowingBytes>(file.size());
    const auto source = reader.open(bytes);
    bytes->append(file);
    media::Frame frame;
    bytes->complete();
    int frames = 0;
    for (State state = State::Starving; state != State::Ended && state != State::Failed;) {
        state = source->read(frame);
        frames += state == State::Playing ? 1 : 0;
        std::this_thread::yield();
    }
    EXPECT_NEAR(frames, 1000, 5);
}

}  // namespace
}  // namespace patchbay::store
