// SPDX-License-Identifier: Apache-2.0
#include "store/file_reader.hpp"

#include "base/cancel.hpp"
#include "media/tone.hpp"
#include "media/tone_detector.hpp"
#include "store/wav_file.hpp"
#include "support/temporary_folder.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace patchbay::store {
namespace {

using media::Frame;
using media::FrameSource;
using State = media::FrameSource::State;
using test::TemporaryFolder;

class Reader : public testing::Test {
  protected:
    // A file of 16 kHz: one second of 500 Hz, then one of 1500 Hz.
    Reader() {
        std::vector<std::int16_t> pairs;
        for (const double frequency : {500.0, 1500.0}) {
            media::ToneGenerator tone({.frequency = frequency, .level = -12});
            std::vector<std::int16_t> second(16000);
            tone.generate(second);
            for (const std::int16_t sample : second) {
                pairs.insert(pairs.end(), 2, sample);
            }
        }
        const auto path = folder_.path() / "tones.wav";
        auto file = WavFile::make(Descriptor(::open(path.c_str(), O_RDWR | O_CREAT, 0600)), 16000);
        EXPECT_TRUE(file->write(0, pairs));
    }

    struct Heard {
        std::vector<std::int16_t> samples;
        State end = State::Playing;
    };
    // Plays as fast as the reader delivers; pauses of starvation are left out.
    static Heard play(FrameSource& source) {
        Heard heard;
        Frame frame;
        while (heard.end == State::Playing || heard.end == State::Starving) {
            heard.end = source.read(frame);
            if (heard.end == State::Playing) {
                heard.samples.insert(heard.samples.end(), frame.begin(), frame.end());
            } else {
                std::this_thread::yield();
            }
        }
        return heard;
    }

    TemporaryFolder folder_;
    DiskThread disk_;
    FileReader reader_{*FileJail::make({folder_.path().string()}), disk_};
};

TEST_F(Reader, PlaysAFileToItsEnd) {
    const auto source = reader_.open("tones.wav");
    const auto heard = play(*source);
    EXPECT_EQ(heard.end, State::Ended);
    ASSERT_GE(heard.samples.size(), 32000U);
    EXPECT_EQ(source->total_duration(), Seconds(2));
    const std::span all(heard.samples);
    EXPECT_NEAR(media::find_tone(all.subspan(4000, 8000), 16000)->frequency, 500, 1);
    EXPECT_NEAR(media::find_tone(all.subspan(20000, 8000), 16000)->frequency, 1500, 1);
}

TEST_F(Reader, StartsWhereItIsAskedTo) {
    const auto source = reader_.open("tones.wav", Milliseconds(1500));
    const auto heard = play(*source);
    EXPECT_EQ(heard.end, State::Ended);
    EXPECT_EQ(heard.samples.size(), 8000U);
    EXPECT_EQ(source->total_duration(), Milliseconds(500));
    EXPECT_NEAR(media::find_tone(heard.samples, 16000)->frequency, 1500, 1);
}

TEST_F(Reader, StartingBehindTheEndEnds) {
    EXPECT_EQ(play(*reader_.open("tones.wav", Seconds(60))).end, State::Ended);
}

TEST_F(Reader, WhatIsWrongWithTheFileEndsTheSource) {
    folder_.write("text.wav", "this is no sound");
    folder_.write("broken.wav", std::string("RIFF\x10\1\1\1WAVEjunk", 16));
    for (const auto& [name, code] :
         std::vector<std::pair<std::string, Errc>>{{"missing.wav", Errc::NotFound},
                                                   {"../tones.wav", Errc::Forbidden},
                                                   {"/etc/passwd", Errc::Forbidden},
                                                   {"text.wav", Errc::Unsupported},
                                                   {"broken.wav", Errc::Malformed}}) {
        const auto source = reader_.open(name);
        EXPECT_EQ(play(*source).end, State::Failed) << name;
        ASSERT_TRUE(source->failure());
        EXPECT_EQ(source->failure()->code, code) << name;
    }
}

TEST_F(Reader, PlaysBytesThatAreNoFile) {
    const std::string bytes = test::read_file(folder_.path() / "tones.wav");
    const auto source =
        reader_.open(std::make_unique<media::MemoryByteSource>(Bytes(bytes.begin(), bytes.end())));
    EXPECT_GE(play(*source).samples.size(), 32000U);
}

// Counts how much of itself was read.
class CountedBytes final : public media::ByteSource {
  public:
    CountedBytes(Bytes bytes, std::shared_ptr<SharedCount> read)
        : inner_(std::move(bytes)), read_(std::move(read)) {}
    std::uint64_t size() const override { return inner_.size(); }
    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
        read_->add(out.size());
        return inner_.read_at(offset, out);
    }

  private:
    media::MemoryByteSource inner_;
    std::shared_ptr<SharedCount> read_;
};

// Takes part in the disk thread's rounds to tell when so many have gone by.
class Rounds final : public DiskJob {
  public:
    Rounds(int count, std::promise<void> done) : left_(count), done_(std::move(done)) {}
    State step() override {
        if (--left_ > 0) {
            return State::Working;
        }
        done_.set_value();
        return State::Finished;
    }
    void stop() override {}

  private:
    int left_;
    std::promise<void> done_;
};

TEST_F(Reader, ReadsNoFurtherAheadThanTheRing) {
    std::string bytes = test::read_file(folder_.path() / "tones.wav");
    bytes.append(std::size_t{64000} * 60, '\0');
    bytes.replace(40, 4, std::string("\xFF\xFF\xFF\x0F", 4));  // the header promises far more
    const auto read = std::make_shared<SharedCount>();
    const auto source =
        reader_.open(std::make_unique<CountedBytes>(Bytes(bytes.begin(), bytes.end()), read));
    std::promise<void> promise;
    auto later = promise.get_future();
    disk_.add(std::make_unique<Rounds>(8, std::move(promise)));
    later.wait();
    EXPECT_GT(read->get(), 64000U / 2);
    EXPECT_LT(read->get(), 64000U * 3);
}

TEST_F(Reader, DestroyingTheSourceStopsTheReading) {
    const auto read = std::make_shared<SharedCount>();
    const std::string bytes = test::read_file(folder_.path() / "tones.wav");
    auto source =
        reader_.open(std::make_unique<CountedBytes>(Bytes(bytes.begin(), bytes.end()), read));
    const std::weak_ptr<SharedCount> held_by_job = read;
    source.reset();
    std::promise<void> promise;
    auto later = promise.get_future();
    disk_.add(std::make_unique<Rounds>(3, std::move(promise)));
    later.wait();
    EXPECT_EQ(held_by_job.use_count(), 1);  // only ours: the job is gone
}

}  // namespace
}  // namespace patchbay::store
