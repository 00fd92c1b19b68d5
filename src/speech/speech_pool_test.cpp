// SPDX-License-Identifier: Apache-2.0
#include "speech/speech_pool.hpp"

#include "media/level.hpp"
#include "speech/flite.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace patchbay::speech {
namespace {

using media::Frame;
using State = media::FrameSource::State;

// Says one sample per character, and "wait" only after it was released.
class FakeSynthesizer final : public Synthesizer {
  public:
    std::string_view name() const override { return "fake"; }
    Result<SpeechResult> synthesize(const SpeechRequest& request,
                                    SampleSink& sink,
                                    const CancelFlag& cancel) const override {
        if (request.text == "wait") {
            started_.set_value();
            while (!cancel.canceled()) {
                std::this_thread::yield();
            }
            return fail(Errc::Closed, "speech");
        }
        if (request.text == "fail") {
            return fail(Errc::Refused, "fake provider", 402);
        }
        PB_CHECK(sink.write(std::vector<std::int16_t>(request.text.size(), 1)));
        return SpeechResult{.duration = media::duration_of(request.text.size()), .words = {}};
    }

    std::future<void> started() const { return started_.get_future(); }

  private:
    mutable std::promise<void> started_;
};

struct Answer {
    std::promise<Result<SpeechResult>> promise;
    std::future<Result<SpeechResult>> future = promise.get_future();

    SpeechPool::Done done() {
        return [this](Result<SpeechResult> result) { promise.set_value(std::move(result)); };
    }
};

State play_to_end(media::FrameSource& source, std::vector<std::int16_t>& heard) {
    Frame frame;
    while (true) {
        const State state = source.read(frame);
        if (state == State::Ended || state == State::Failed) {
            return state;
        }
        if (state == State::Playing) {
            heard.insert(heard.end(), frame.begin(), frame.end());
        } else {
            std::this_thread::yield();
        }
    }
}

TEST(SpeechPool, SpeechFillsTheSourceAndTheResultComesBeforeItsEnd) {
    SpeechPool pool(make_flite_synthesizer(), {});
    Answer answer;
    auto source = pool.speak({.text = "Hello world."}, answer.done());
    ASSERT_TRUE(source);
    std::vector<std::int16_t> heard;
    EXPECT_EQ(play_to_end(**source, heard), State::Ended);
    ASSERT_EQ(answer.future.wait_for(Seconds(0)), std::future_status::ready);
    const auto result = answer.future.get();
    ASSERT_TRUE(result);
    EXPECT_EQ((*source)->total_duration(), result->duration);
    EXPECT_EQ(result->words.size(), 2U);
    EXPECT_GT(media::rms_level(heard), -40);
}

TEST(SpeechPool, AFailureIsToldAndEndsTheSource) {
    SpeechPool pool(std::make_unique<FakeSynthesizer>(), {});
    Answer answer;
    auto source = *pool.speak({.text = "fail"}, answer.done());
    std::vector<std::int16_t> heard;
    EXPECT_EQ(play_to_end(*source, heard), State::Failed);
    EXPECT_EQ(source->failure(), (Error{Errc::Refused, "fake provider", 402}));
    EXPECT_EQ(answer.future.get().error().detail, 402);
}

TEST(SpeechPool, AFullQueueRefusesAtOnce) {
    auto synthesizer = std::make_unique<FakeSynthesizer>();
    auto started = synthesizer->started();
    SpeechPool pool(std::move(synthesizer), {.threads = 1, .max_queued = 2});
    const auto ignore = [](const Result<SpeechResult>&) {};
    auto running = *pool.speak({.text = "wait"}, ignore);
    started.wait();
    auto first = *pool.speak({.text = "a"}, ignore);
    auto second = *pool.speak({.text = "b"}, ignore);
    const auto third = pool.speak({.text = "c"}, ignore);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, Errc::Unavailable);
    first.reset();  // whoever left makes room
    EXPECT_TRUE(pool.speak({.text = "c"}, ignore));
}

TEST(SpeechPool, DestroyingTheSourceCancelsTheJobAndDropsItsResult) {
    auto synthesizer = std::make_unique<FakeSynthesizer>();
    auto started = synthesizer->started();
    SpeechPool pool(std::move(synthesizer), {.threads = 1, .max_queued = 8});
    bool told = false;
    auto source = *pool.speak({.text = "wait"}, [&](const Result<SpeechResult>&) { told = true; });
    started.wait();
    source.reset();
    Answer next;  // the only worker is free again
    auto other = *pool.speak({.text = "hello"}, next.done());
    EXPECT_TRUE(next.future.get());
    EXPECT_FALSE(told);
}

TEST(SpeechPool, EndingThePoolEndsWhatRunsAndWhatWaits) {
    auto synthesizer = std::make_unique<FakeSynthesizer>();
    auto started = synthesizer->started();
    std::unique_ptr<media::FrameSource> running;
    std::unique_ptr<media::FrameSource> waiting;
    {
        SpeechPool pool(std::move(synthesizer), {.threads = 1, .max_queued = 8});
        running = *pool.speak({.text = "wait"}, [](const Result<SpeechResult>&) {});
        waiting = *pool.speak({.text = "b"}, [](const Result<SpeechResult>&) {});
        started.wait();
    }
    std::vector<std::int16_t> heard;
    EXPECT_EQ(play_to_end(*running, heard), State::Ended);
    EXPECT_EQ(play_to_end(*waiting, heard), State::Ended);
}

TEST(SpeechPool, TextPastTheLimitIsRefused) {
    SpeechPool pool(std::make_unique<FakeSynthesizer>(), {});
    const auto source = pool.speak({.text = std::string(kMaxTextBytes + 1, 'a')},
                                   [](const Result<SpeechResult>&) {});
    ASSERT_FALSE(source);
    EXPECT_EQ(source.error().code, Errc::TooLarge);
}

}  // namespace
}  // namespace patchbay::speech
