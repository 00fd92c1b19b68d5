// SPDX-License-Identifier: Apache-2.0
#include "speech/asr/recognizer_pool.hpp"

#include "speech/asr/sentence_recognizer.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <optional>
#include <utility>

namespace patchbay::speech {
namespace {

// How often the thread looks for audio. The shards do not wake it: that would cost them a lock for
// every packet.
constexpr Milliseconds kLook{20};
// What one stream may take before the next one's turn.
constexpr int kFramesPerTurn = 10;

constexpr std::size_t kBacklogFrames = kRecognizerBacklog / media::kFrameTime;

}  // namespace

class RecognizerPool::Feed final : public RecognizerFeed {
  public:
    Feed(std::shared_ptr<Channel> channel, std::atomic<std::uint64_t>& dropped)
        : channel_(std::move(channel)), dropped_(dropped) {}
    ~Feed() override { channel_->closed.store(true, std::memory_order_release); }

    void write(const media::Frame& frame) override {
        if (!channel_->ring.try_push(Piece{position_, frame})) {
            dropped_.fetch_add(1, std::memory_order_relaxed);
        }
        position_ += frame.size();
    }

  private:
    std::shared_ptr<Channel> channel_;
    std::atomic<std::uint64_t>& dropped_;
    std::uint64_t position_ = 0;
};

class RecognizerPool::Stream {
  public:
    Stream(std::shared_ptr<Channel> channel, SphinxTask task, Listener listener)
        : channel_(std::move(channel)), task_(std::move(task)), listener_(std::move(listener)) {}

    bool is_dictation() const { return task_.kind == SphinxTask::Kind::Dictation; }
    bool is_closed() const { return channel_->closed.load(std::memory_order_acquire); }

    // Takes 0.2 s for the first dictations.
    void start(std::unique_ptr<SphinxDecoder> idle,
               const std::shared_ptr<SphinxLanguage>& language) {
        if (!idle) {
            auto made = make_sphinx_decoder(task_, language);
            if (!made) {
                listener_.failed(made.error());
                return;
            }
            idle = std::move(*made);
        }
        recognizer_.emplace(std::move(idle));
    }

    // False: there was nothing to do.
    bool take_turn() {
        bool worked = false;
        for (int i = 0; i < kFramesPerTurn && !is_closed(); ++i) {
            const auto piece = channel_->ring.try_pop();
            if (!piece) {
                break;
            }
            worked = true;
            if (recognizer_) {
                recognizer_->write(piece->position, piece->frame, transcripts_);
            }
        }
        for (const Transcript& transcript : std::exchange(transcripts_, {})) {
            if (!is_closed()) {
                listener_.transcript(transcript);
            }
        }
        return worked;
    }

    // Null: it never had one.
    std::unique_ptr<SphinxDecoder> release() {
        return recognizer_ ? recognizer_->release() : nullptr;
    }

  private:
    std::shared_ptr<Channel> channel_;
    SphinxTask task_;
    Listener listener_;
    std::optional<SentenceRecognizer> recognizer_;
    std::vector<Transcript> transcripts_;
};

RecognizerPool::RecognizerPool(Options options)
    : options_(std::move(options)),
      language_(make_sphinx_language(options_.model)),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

RecognizerPool::~RecognizerPool() {
    thread_.request_stop();
}

Result<std::unique_ptr<RecognizerFeed>> RecognizerPool::open(const RecognitionRequest& request,
                                                             Listener listener) {
    PB_TRY(SphinxTask task, SphinxTask::from(request.extra));
    const bool dictation = task.kind == SphinxTask::Kind::Dictation;
    auto channel = std::make_shared<Channel>(kBacklogFrames);
    auto stream = std::make_unique<Stream>(channel, std::move(task), std::move(listener));
    {
        const std::lock_guard lock(mutex_);
        std::size_t& count = dictation ? dictations_ : grammars_;
        const std::size_t most = dictation ? options_.dictations : options_.grammars;
        if (count >= most) {
            return fail(Errc::Unavailable, "asr", static_cast<std::int64_t>(most));
        }
        ++count;
        new_.push_back(std::move(stream));
    }
    wake_.notify_one();
    return std::make_unique<Feed>(std::move(channel), dropped_);
}

void RecognizerPool::work(const std::stop_token& stop) {
    // On Linux the nice value belongs to the thread.
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kWorkerNice);
    while (!stop.stop_requested()) {
        take_new(stop);
        bool worked = false;
        for (auto stream = streams_.begin(); stream != streams_.end();) {
            if (!(*stream)->is_closed()) {
                worked = (*stream)->take_turn() || worked;
                ++stream;
                continue;
            }
            const bool dictation = (*stream)->is_dictation();
            if (auto decoder = (*stream)->release(); decoder && dictation) {
                idle_.push_back(std::move(decoder));
            }
            stream = streams_.erase(stream);
            const std::lock_guard lock(mutex_);
            --(dictation ? dictations_ : grammars_);
        }
        if (!worked && !streams_.empty()) {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, stop, kLook, [this] { return !new_.empty(); });
        }
    }
}

// Waits for one when there is nothing else to do.
void RecognizerPool::take_new(const std::stop_token& stop) {
    std::vector<std::unique_ptr<Stream>> arrived;
    {
        std::unique_lock lock(mutex_);
        if (streams_.empty()) {
            wake_.wait(lock, stop, [this] { return !new_.empty(); });
        }
        arrived = std::exchange(new_, {});
    }
    for (auto& stream : arrived) {
        if (!stream->is_closed()) {
            stream->start(stream->is_dictation() ? idle_decoder() : nullptr, language_);
        }
        streams_.push_back(std::move(stream));
    }
}

std::unique_ptr<SphinxDecoder> RecognizerPool::idle_decoder() {
    if (idle_.empty()) {
        return nullptr;
    }
    auto decoder = std::move(idle_.back());
    idle_.pop_back();
    return decoder;
}

}  // namespace patchbay::speech
