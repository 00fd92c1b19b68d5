// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "media/frame.hpp"
#include "media/ring_source.hpp"
#include "speech/limits.hpp"
#include "speech/synthesizer.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace patchbay::speech {

// A few threads of low priority that synthesize for all shards. speak() may be called from any
// thread and never waits; the answer is a source that fills itself while it plays. Destroying the
// source cancels the job, whether it waits or runs. The destructor drops what waits, cancels what
// runs and joins.
class SpeechPool {
  public:
    // Called on a worker thread, once, unless the source was destroyed before: a late result is
    // dropped. Post to the shard from here. A failure also ends the source with Failed.
    using Done = UniqueFunction<void(Result<SpeechResult>)>;

    struct Options {
        std::size_t threads = 2;
        std::size_t max_queued = kMaxQueuedJobs;
    };

    SpeechPool(std::unique_ptr<Synthesizer> synthesizer, const Options& options);
    SpeechPool(const SpeechPool&) = delete;
    SpeechPool& operator=(const SpeechPool&) = delete;
    ~SpeechPool();

    // Unavailable when the queue is full, TooLarge when the text is.
    Result<std::unique_ptr<media::FrameSource>> speak(SpeechRequest request, Done done);

  private:
    struct Job {
        SpeechRequest request;
        media::RingFeeder feeder;
        CancelFlag cancel;
        Done done;
    };

    void work(const std::stop_token& stop);
    std::unique_ptr<Job> next(const std::stop_token& stop);
    void run(Job& job);

    std::unique_ptr<Synthesizer> synthesizer_;
    std::size_t max_queued_;
    std::mutex mutex_;  // guards queue_ and running_
    std::condition_variable_any wake_;
    std::deque<std::unique_ptr<Job>> queue_;
    std::vector<CancelFlag> running_;
    std::vector<std::jthread> threads_;
};

}  // namespace patchbay::speech
