// SPDX-License-Identifier: Apache-2.0
#include "speech/asr/recognizer_pool.hpp"

#include "support/voice_audio.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

namespace patchbay::speech {
namespace {

using testing::IsEmpty;

// What a call is told, from the pool's thread.
class Told {
  public:
    RecognizerPool::Listener listener() {
        return {.transcript =
                    [this](const Transcript& transcript) {
                        const std::lock_guard lock(mutex_);
                        transcripts_.push_back(transcript);
                        changed_.notify_all();
                    },
                .failed =
                    [this](const Error& error) {
                        const std::lock_guard lock(mutex_);
                        failures_.push_back(error);
                        changed_.notify_all();
                    }};
    }
    // False: it did not come in a minute.
    bool await_final() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, Seconds(60), [this] {
            return !transcripts_.empty() && transcripts_.back().final;
        });
    }
    bool await_failure() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, Seconds(60), [this] { return !failures_.empty(); });
    }
    std::vector<Transcript> transcripts() {
        const std::lock_guard lock(mutex_);
        return transcripts_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Transcript> transcripts_;
    std::vector<Error> failures_;
};

void feed(RecognizerFeed& to, const test::Samples& audio) {
    for (std::size_t at = 0; at + media::kFrameSamples <= audio.size();
         at += media::kFrameSamples) {
        media::Frame frame;
        std::copy_n(audio.begin() + static_cast<std::ptrdiff_t>(at), frame.size(), frame.begin());
        to.write(frame);
    }
}

test::Samples with_pauses(const test::Samples& voice) {
    test::Samples out(8000);
    out.insert(out.end(), voice.begin(), voice.end());
    out.resize(out.size() + 16000);
    return out;
}

class Pool : public testing::Test {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(std::string(kSphinxModel) + "/cmudict-en-us.dict")) {
            GTEST_SKIP() << "pocketsphinx-en-us is not installed";
        }
    }
};

TEST_F(Pool, SeveralCallsAreHeardAtOnceEachByItself) {
    RecognizerPool pool({});
    const std::string phrases[] = {"operator", "good morning", "yes"};
    std::vector<std::unique_ptr<Told>> told;
    std::vector<std::unique_ptr<RecognizerFeed>> feeds;
    for (const std::string& phrase : phrases) {
        told.push_back(std::make_unique<Told>());
        RecognitionRequest request;
        request.extra = {{"phrases", "operator, good morning, yes, no"}};
        auto opened = pool.open(request, told.back()->listener());
        ASSERT_TRUE(opened);
        feeds.push_back(std::move(*opened));
        feed(*feeds.back(), with_pauses(test::spoken(phrase, "rms")));
    }
    for (std::size_t i = 0; i < std::size(phrases); ++i) {
        ASSERT_TRUE(told[i]->await_final());
        EXPECT_EQ(told[i]->transcripts().back().text, phrases[i]);
    }
    EXPECT_EQ(pool.dropped_frames(), 0U);
}

TEST_F(Pool, MoreDictationsThanAllowedAreRefusedUntilOneEnds) {
    RecognizerPool pool({.dictations = 2});
    Told told;
    auto one = pool.open({}, told.listener());
    auto two = pool.open({}, told.listener());
    ASSERT_TRUE(one && two);
    const auto three = pool.open({}, told.listener());
    ASSERT_FALSE(three);
    EXPECT_EQ(three.error().code, Errc::Unavailable);
    // A grammar needs far less and is not counted among them.
    RecognitionRequest grammar;
    grammar.extra = {{"phrases", "yes, no"}};
    EXPECT_TRUE(pool.open(grammar, told.listener()));
    one->reset();
    // What the thread does after this it does after it has noticed that.
    Told last;
    RecognitionRequest yes;
    yes.extra = {{"phrases", "yes, no"}};
    auto after = pool.open(yes, last.listener());
    ASSERT_TRUE(after);
    feed(**after, with_pauses(test::spoken("yes", "rms")));
    EXPECT_TRUE(last.await_final());
    EXPECT_TRUE(pool.open({}, told.listener()));
}

TEST_F(Pool, AGrammarThatIsNoneIsAFailureOfItsCallAlone) {
    RecognizerPool pool({});
    Told told;
    RecognitionRequest request;
    request.extra = {{"grammar", "#JSGF V1.0; grammar g; public <g> = xqzzy;"}};
    const auto opened = pool.open(request, told.listener());
    ASSERT_TRUE(opened);
    EXPECT_TRUE(told.await_failure());
    request.extra = {{"phrases", "a;b"}};
    EXPECT_FALSE(pool.open(request, told.listener()));
}

TEST(RecognizerPool, AMissingModelIsAFailure) {
    RecognizerPool pool({.model = "/nonexistent"});
    Told told;
    const auto opened = pool.open({}, told.listener());
    ASSERT_TRUE(opened);
    EXPECT_TRUE(told.await_failure());
    EXPECT_THAT(told.transcripts(), IsEmpty());
}

TEST(RecognizerPool, EndsWhileCallsAreStillOpen) {
    Told told;
    std::unique_ptr<RecognizerFeed> feed_left;
    {
        RecognizerPool pool({.model = "/nonexistent"});
        feed_left = std::move(*pool.open({}, told.listener()));
    }
    feed_left.reset();
}

}  // namespace
}  // namespace patchbay::speech
