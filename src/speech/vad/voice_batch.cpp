// SPDX-License-Identifier: Apache-2.0
#include "speech/vad/voice_batch.hpp"

#include "base/ensure.hpp"
#include "media/frame.hpp"
#include "speech/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::speech {

VoiceBatch::VoiceBatch(std::shared_ptr<const SileroNetwork> network)
    : network_(std::move(network)) {
    PB_ENSURE(network_ != nullptr);
    jobs_.reserve(kVoiceWindowsPerTick);
}

void VoiceBatch::open(std::uint64_t stream) {
    streams_.try_emplace(stream);
}

void VoiceBatch::close(std::uint64_t stream) {
    if (streams_.erase(stream) > 0) {
        std::erase_if(waiting_, [&](const Waiting& one) { return one.stream == stream; });
    }
}

void VoiceBatch::write(std::uint64_t id, Instant begin, std::span<const std::int16_t> samples) {
    const auto found = streams_.find(id);
    PB_ENSURE(found != streams_.end());
    Stream& stream = found->second;
    while (!samples.empty()) {
        if (stream.filled == 0) {
            stream.begin = begin;
        }
        const std::size_t count = std::min(samples.size(), kSileroWindow - stream.filled);
        std::ranges::copy(samples.first(count),
                          stream.samples.begin() + static_cast<std::ptrdiff_t>(stream.filled));
        stream.filled += count;
        samples = samples.subspan(count);
        begin += media::duration_of(count);
        if (stream.filled == kSileroWindow) {
            stream.filled = 0;
            queue(id, stream);
        }
    }
}

void VoiceBatch::queue(std::uint64_t id, const Stream& stream) {
    if (waiting_.size() >= kMaxWaitingVoiceWindows) {
        ++dropped_;
        return;
    }
    waiting_.push_back({id, stream.begin, stream.samples});
}

void VoiceBatch::run(std::vector<Judged>& out) {
    jobs_.clear();
    for (const Waiting& one : waiting_) {
        SileroStream* state = &streams_.at(one.stream).state;
        const auto is_here = [&](const SileroJob& job) { return job.stream == state; };
        // A second window of a stream needs what the first one leaves behind.
        if (jobs_.size() == kVoiceWindowsPerTick || std::ranges::any_of(jobs_, is_here)) {
            break;
        }
        jobs_.push_back({state, one.samples});
    }
    network_->judge(jobs_, workspace_);
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
        const VoiceWindow window{waiting_[i].begin, media::duration_of(kSileroWindow),
                                 jobs_[i].probability};
        out.push_back({waiting_[i].stream, window});
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(jobs_.size()));
}

}  // namespace patchbay::speech
