// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/ring.hpp"
#include "base/unique_function.hpp"
#include "speech/asr/recognition.hpp"
#include "speech/asr/recognizer_feed.hpp"
#include "speech/asr/sphinx_decoder.hpp"
#include "speech/limits.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace patchbay::speech {

// The embedded recognizer of all shards: one thread of low priority, because the language model
// that its dictations share belongs to one, and four dictations need less than a core. open() may
// be called from any thread and never waits; the audio goes through a ring for each call. The
// destructor drops what is not told and joins.
class RecognizerPool {
  public:
    struct Options {
        std::size_t dictations = kDictations;
        std::size_t grammars = kGrammars;
        std::string model = kSphinxModel;
    };
    // Called on the thread of the pool; post to the shard from here. Nothing is called once the
    // feed is destroyed, but what was posted before may still arrive.
    struct Listener {
        UniqueFunction<void(const Transcript&)> transcript;
        UniqueFunction<void(const Error&)> failed;
    };

    explicit RecognizerPool(Options options);
    RecognizerPool(const RecognizerPool&) = delete;
    RecognizerPool& operator=(const RecognizerPool&) = delete;
    ~RecognizerPool();

    // Unavailable: as many as may be are at work. What is wrong with `extra` otherwise.
    Result<std::unique_ptr<RecognizerFeed>> open(const RecognitionRequest& request,
                                                 Listener listener);

    // Frames that found their ring full.
    std::uint64_t dropped_frames() const { return dropped_.load(std::memory_order_relaxed); }

  private:
    struct Piece {
        std::uint64_t position = 0;
        media::Frame frame{};
    };
    // Shared by the feed and the thread, because either may end first.
    struct Channel {
        explicit Channel(std::size_t frames) : ring(frames) {}

        SpscRing<Piece> ring;
        std::atomic<bool> closed{false};
    };
    class Feed;
    class Stream;

    void work(const std::stop_token& stop);
    void take_new(const std::stop_token& stop);
    std::unique_ptr<SphinxDecoder> idle_decoder();

    Options options_;
    std::atomic<std::uint64_t> dropped_{0};
    std::mutex mutex_;  // guards new_ and the counts
    std::condition_variable_any wake_;
    std::vector<std::unique_ptr<Stream>> new_;
    std::size_t dictations_ = 0;
    std::size_t grammars_ = 0;

    // The thread's own.
    std::shared_ptr<SphinxLanguage> language_;
    std::list<std::unique_ptr<Stream>> streams_;
    std::vector<std::unique_ptr<SphinxDecoder>> idle_;  // of dictations that have ended

    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace patchbay::speech
