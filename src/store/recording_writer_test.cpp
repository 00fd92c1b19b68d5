// SPDX-License-Identifier: Apache-2.0
#include "store/recording_writer.hpp"

#include "store/limits.hpp"
#include "store/wav_file.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace patchbay::store {
namespace {

using media::Frame;
using media::kFrameSamples;
using test::parse_wav;
using test::read_file;
using test::TemporaryFolder;
using testing::ElementsAre;
using testing::VariantWith;

Frame filled(std::int16_t value) {
    Frame frame;
    frame.fill(value);
    return frame;
}

// What a recording reported, in order; closed() waits for the last report.
class Reports {
  public:
    RecordingWriter::Report sink() {
        return [this](const RecordingReport& report) {
            all_.push_back(report);
            const auto* const closed = std::get_if<RecordingClosed>(&report);
            if (closed != nullptr || (all_.size() == 1 && failed(report))) {
                done_.set_value(closed != nullptr ? *closed : RecordingClosed{});
            }
        };
    }
    RecordingClosed closed() { return done_.get_future().get(); }
    const std::vector<RecordingReport>& all() const { return all_; }

  private:
    static bool failed(const RecordingReport& report) {
        return std::holds_alternative<RecordingFailed>(report);
    }

    std::vector<RecordingReport> all_;
    std::promise<RecordingClosed> done_;
};

class Recording : public testing::Test {
  protected:
    std::unique_ptr<media::FrameSink> start(RecordingRequest request) {
        auto sink = writer_.start(std::move(request), reports_.sink());
        EXPECT_TRUE(sink);
        return std::move(*sink);
    }

    TemporaryFolder folder_;
    Reports reports_;
    DiskThread disk_;
    RecordingWriter writer_{*FileJail::make({folder_.path().string()}), disk_};
};

TEST_F(Recording, TheCallerIsLeftAndEverythingElseRight) {
    auto sink = start({.file = {}, .id = "call-1"});
    for (std::uint64_t i = 0; i < 25; ++i) {
        sink->write(i * kFrameSamples, filled(1000), filled(-2000));
    }
    sink.reset();
    const auto closed = reports_.closed();
    EXPECT_EQ(closed.path, (folder_.path() / "call-1.wav").string());
    EXPECT_EQ(closed.duration, Milliseconds(500));
    const std::string file = read_file(closed.path);
    EXPECT_EQ(closed.bytes, file.size());
    const auto wav = parse_wav(file);
    ASSERT_TRUE(wav);
    EXPECT_EQ(wav->rate, 16000U);
    ASSERT_EQ(wav->channels, 2);
    EXPECT_EQ(wav->samples(), 8000U);
    EXPECT_EQ(std::ranges::count(wav->tracks[0], 1000), 8000);
    EXPECT_EQ(std::ranges::count(wav->tracks[1], -2000), 8000);
    EXPECT_THAT(reports_.all(), ElementsAre(VariantWith<RecordingOpened>(testing::_),
                                            VariantWith<RecordingClosed>(testing::_)));
}

TEST_F(Recording, FramesThatNeverCameAreSilenceOfTheRightLength) {
    auto sink = start({.file = {}, .id = "gap"});
    sink->write(0, filled(100), filled(100));
    sink->write(50 * kFrameSamples, filled(200), filled(200));
    sink.reset();
    const auto wav = parse_wav(read_file(reports_.closed().path));
    ASSERT_TRUE(wav);
    ASSERT_EQ(wav->samples(), 51 * kFrameSamples);
    EXPECT_EQ(std::ranges::count(wav->tracks[0], 0), 49 * 320);
    EXPECT_EQ(wav->tracks[0][319], 100);
    EXPECT_EQ(wav->tracks[0][50 * kFrameSamples], 200);
}

class RecordingAtRate : public Recording, public testing::WithParamInterface<int> {};

TEST_P(RecordingAtRate, AClickStandsWhereItWasHeardInBothChannels) {
    auto sink = start({.file = {}, .id = "click", .sample_rate = GetParam()});
    constexpr std::uint64_t kClickFrame = 80;
    for (std::uint64_t i = 0; i < 100; ++i) {
        Frame frame{};
        if (i == kClickFrame) {
            std::fill_n(frame.begin(), 16, std::int16_t{20000});
        }
        sink->write(i * kFrameSamples, frame, frame);
    }
    sink.reset();
    const auto wav = parse_wav(read_file(reports_.closed().path));
    ASSERT_TRUE(wav);
    EXPECT_EQ(wav->rate, static_cast<std::uint32_t>(GetParam()));
    EXPECT_EQ(wav->samples(), static_cast<std::size_t>(GetParam()) * 2);
    for (const auto& track : wav->tracks) {
        const auto at = std::ranges::max_element(track) - track.begin();
        EXPECT_NEAR(static_cast<double>(at) / GetParam(), 1.6, 0.005);
    }
}

INSTANTIATE_TEST_SUITE_P(Rates,
                         RecordingAtRate,
                         testing::Values(8000, 16000, 24000, 32000, 44100, 48000));

// Blocks the disk thread until it is released: the slowest disk there is.
class StuckDisk final : public DiskJob {
  public:
    StuckDisk(std::promise<void> stuck, std::future<void> release)
        : stuck_(std::move(stuck)), release_(std::move(release)) {}
    State step() override {
        stuck_.set_value();
        release_.wait();
        return State::Finished;
    }
    void stop() override {}

  private:
    std::promise<void> stuck_;
    std::future<void> release_;
};

TEST_F(Recording, AStuckDiskCostsSilenceAndOneReportAndNeverAShard) {
    std::promise<void> stuck;
    std::promise<void> release;
    auto is_stuck = stuck.get_future();
    disk_.add(std::make_unique<StuckDisk>(std::move(stuck), release.get_future()));
    is_stuck.wait();
    auto sink = start({.file = {}, .id = "slow"});
    constexpr std::uint64_t kFrames = 1000;  // 20 s, into a ring of about 2
    for (std::uint64_t i = 0; i < kFrames; ++i) {
        sink->write(i * kFrameSamples, filled(500), filled(500));
    }
    release.set_value();
    sink.reset();
    const auto closed = reports_.closed();
    EXPECT_EQ(closed.duration, Seconds(20));
    const auto wav = parse_wav(read_file(closed.path));
    ASSERT_TRUE(wav);
    EXPECT_EQ(wav->samples(), kFrames * kFrameSamples);
    EXPECT_GE(std::ranges::count(wav->tracks[0], 500), 100 * 320);
    EXPECT_THAT(reports_.all(), ElementsAre(VariantWith<RecordingOpened>(testing::_),
                                            VariantWith<RecordingOverflowed>(testing::_),
                                            VariantWith<RecordingClosed>(testing::_)));
}

TEST_F(Recording, NamesFollowTheContract) {
    const auto name_of = [&](RecordingRequest request) {
        Reports reports;
        writer_.start(std::move(request), reports.sink())->reset();
        return std::filesystem::relative(reports.closed().path, folder_.path()).string();
    };
    EXPECT_EQ(name_of({.file = {}, .id = "a/b"}), "a%2Fb.wav");
    EXPECT_EQ(name_of({.file = "day/{id}", .id = "7"}), "day/7.wav");
    EXPECT_EQ(name_of({.file = "talk.WAV", .id = "7"}), "talk.WAV");
    EXPECT_EQ(name_of({.file = "/path/to/recording.wav", .id = "7"}), "path/to/recording.wav");
    EXPECT_EQ(name_of({.file = "/path/to/recording.wav", .id = "8"}), "path/to/recording-1.wav");
}

TEST_F(Recording, ANameThatLeadsOutsideFailsOnceAndTheCallGoesOn) {
    auto sink = start({.file = "../outside.wav", .id = "x"});
    sink->write(0, filled(1), filled(1));
    sink.reset();
    reports_.closed();
    EXPECT_THAT(reports_.all(), ElementsAre(VariantWith<RecordingFailed>(testing::_)));
    EXPECT_FALSE(std::filesystem::exists(folder_.path().parent_path() / "outside.wav"));
}

TEST_F(Recording, ASampleRateThatNobodyUsesIsRefused) {
    const auto sink = writer_.start({.file = {}, .id = "x", .sample_rate = 12345}, reports_.sink());
    ASSERT_FALSE(sink);
    EXPECT_EQ(sink.error().code, Errc::Unsupported);
}

TEST(DiskThread, RecordingsAreCompletedWhenTheServerEnds) {
    const TemporaryFolder folder;
    Reports reports;
    std::unique_ptr<media::FrameSink> sink;
    {
        DiskThread disk;
        RecordingWriter writer(*FileJail::make({folder.path().string()}), disk);
        sink = *writer.start({.file = {}, .id = "end"}, reports.sink());
        sink->write(0, filled(7), filled(8));
    }
    EXPECT_EQ(reports.closed().duration, Milliseconds(20));
    EXPECT_EQ(parse_wav(read_file(folder.path() / "end.wav"))->samples(), kFrameSamples);
    sink->write(kFrameSamples, filled(7), filled(8));  // nobody listens, nothing breaks
}

// A full disk, as the kernel plays it: every write fails (setrlimit(2)).
class FullDisk {
  public:
    FullDisk() {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &none);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

  private:
    rlimit before_{};
    // Else the signal ends the process.
    sighandler_t signal_ = ::signal(SIGXFSZ, SIG_IGN);
};

TEST_F(Recording, WithoutItsHeaderIsNotThere) {
    {
        const FullDisk full;
        auto sink = start({.file = {}, .id = "call-1"});
        (void)reports_.closed();
    }
    EXPECT_THAT(reports_.all(), ElementsAre(VariantWith<RecordingFailed>(testing::_)));
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST(WavFile, IsAWholeFileAfterEveryWrite) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "a.wav";
    auto file = WavFile::make(Descriptor(::open(path.c_str(), O_RDWR | O_CREAT, 0600)), 8000);
    ASSERT_TRUE(file);
    ASSERT_TRUE(parse_wav(read_file(path)));
    const std::vector<std::int16_t> piece(320, 9);
    for (std::uint64_t i = 1; i <= 20; ++i) {
        ASSERT_TRUE(file->write((i - 1) * 160, piece));
        const auto wav = parse_wav(read_file(path));  // what a kill at this moment leaves
        ASSERT_TRUE(wav) << i;
        EXPECT_EQ(wav->samples(), i * 160);
    }
}

TEST(WavFile, StaysPlayableWhenTheKillComesBetweenDataAndHeader) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "a.wav";
    auto file = WavFile::make(Descriptor(::open(path.c_str(), O_RDWR | O_CREAT, 0600)), 8000);
    ASSERT_TRUE(file->write(0, std::vector<std::int16_t>(320, 9)));
    std::string killed = read_file(path) + std::string(640, '\x07');
    const auto wav = parse_wav(killed);
    ASSERT_TRUE(wav);
    EXPECT_EQ(wav->samples(), 160U);
}

TEST(WavFile, StopsBeforeItsSizeOverflows) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "a.wav";
    auto file = WavFile::make(Descriptor(::open(path.c_str(), O_RDWR | O_CREAT, 0600)), 16000);
    const std::uint64_t last_pair = kMaxWavData / 4 - 2;
    const std::array<std::int16_t, 4> two_pairs{};
    EXPECT_TRUE(file->write(last_pair, two_pairs));
    const auto beyond = file->write(last_pair + 2, two_pairs);
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().code, Errc::TooLarge);
    EXPECT_EQ(file->samples(), last_pair + 2);
}

}  // namespace
}  // namespace patchbay::store
