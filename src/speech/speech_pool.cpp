// SPDX-License-Identifier: Apache-2.0
#include "speech/speech_pool.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <span>
#include <utility>

namespace patchbay::speech {
namespace {

// The slowest voice at half speed says a character in less than this.
constexpr Milliseconds kPerCharacter{300};

// The whole of a text fits its ring: a worker that had to wait for play-out would be lost to the
// other calls for as long as the sentence is heard.
Nanoseconds room_for(const SpeechRequest& request) {
    return Seconds(2) + kPerCharacter * static_cast<std::int64_t>(request.text.size());
}

class FeederSink final : public SampleSink {
  public:
    explicit FeederSink(media::RingFeeder& feeder) : feeder_(feeder) {}
    Result<void> write(std::span<const std::int16_t> samples) override {
        return feeder_.write(samples);
    }

  private:
    media::RingFeeder& feeder_;
};

}  // namespace

SpeechPool::SpeechPool(std::unique_ptr<Synthesizer> synthesizer, const Options& options)
    : synthesizer_(std::move(synthesizer)), max_queued_(options.max_queued) {
    for (std::size_t i = 0; i < std::max<std::size_t>(options.threads, 1); ++i) {
        threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
    }
}

SpeechPool::~SpeechPool() {
    for (std::jthread& thread : threads_) {
        thread.request_stop();
    }
    const std::lock_guard lock(mutex_);
    queue_.clear();
    for (const CancelFlag& flag : running_) {
        flag.cancel();
    }
}

Result<std::unique_ptr<media::FrameSource>> SpeechPool::speak(SpeechRequest request, Done done) {
    if (request.text.size() > kMaxTextBytes) {
        return fail(Errc::TooLarge, "text", static_cast<std::int64_t>(request.text.size()));
    }
    const CancelFlag cancel;
    auto [source, feeder] = media::make_ring_source(room_for(request), cancel);
    auto job =
        std::make_unique<Job>(Job{std::move(request), std::move(feeder), cancel, std::move(done)});
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(queue_, [](const auto& waiting) { return waiting->cancel.canceled(); });
        if (queue_.size() >= max_queued_) {
            return fail(Errc::Unavailable, "speech queue", static_cast<std::int64_t>(max_queued_));
        }
        queue_.push_back(std::move(job));
    }
    wake_.notify_one();
    return std::move(source);
}

void SpeechPool::work(const std::stop_token& stop) {
    // On Linux the nice value belongs to the thread.
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kWorkerNice);
    while (const auto job = next(stop)) {
        run(*job);
        const std::lock_guard lock(mutex_);
        std::erase_if(running_,
                      [&](const CancelFlag& flag) { return flag.is_same_as(job->cancel); });
    }
}

// Null when the pool ends.
std::unique_ptr<SpeechPool::Job> SpeechPool::next(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!wake_.wait(lock, stop, [this] { return !queue_.empty(); }) || stop.stop_requested()) {
        return nullptr;
    }
    auto job = std::move(queue_.front());
    queue_.pop_front();
    running_.push_back(job->cancel);
    return job;
}

void SpeechPool::run(Job& job) {
    if (job.cancel.canceled()) {
        return;
    }
    FeederSink sink(job.feeder);
    auto result = synthesizer_->synthesize(job.request, sink, job.cancel);
    if (job.cancel.canceled()) {
        return;
    }
    // The result before the end mark: who hears the end has been told what was said.
    const auto error = result ? std::nullopt : std::optional(result.error());
    job.done(std::move(result));
    if (error) {
        job.feeder.fail(*error);
    } else {
        job.feeder.end();
    }
}

}  // namespace patchbay::speech
