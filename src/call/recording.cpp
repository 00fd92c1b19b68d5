// SPDX-License-Identifier: Apache-2.0
#include "call/recording.hpp"

#include <algorithm>

namespace patchbay::call {
namespace {

constexpr media::Frame kSilence{};

bool is_silent(const media::Frame& frame) {
    return frame == kSilence;
}

std::size_t in_frames(Nanoseconds delay) {
    const auto frames = (delay + kFrameTime / 2) / Nanoseconds(kFrameTime);
    return std::min(static_cast<std::size_t>(std::max<std::int64_t>(frames, 0)),
                    kRecordingDelayFrames);
}

}  // namespace

void Recording::start(std::unique_ptr<media::FrameSink> sink) {
    sink_ = std::move(sink);
    paused_ = false;
    position_ = 0;
    waiting_.assign(kRecordingDelayFrames + 1, kSilence);
    first_ = 0;
    count_ = 0;
}

Result<void> Recording::pause() {
    if (!sink_ || paused_) {
        return fail(Errc::WrongState, "record: not running");
    }
    paused_ = true;
    return {};
}

Result<void> Recording::resume() {
    if (!sink_ || !paused_) {
        return fail(Errc::WrongState, "record: not paused");
    }
    paused_ = false;
    return {};
}

void Recording::write(const media::Frame& left, const media::Frame& right, Nanoseconds left_delay) {
    if (!sink_) {
        return;
    }
    if (paused_) {
        // Written, so that the file is as long as the call even if it ends now.
        count_ = 0;
        sink_->write(position_, kSilence, kSilence);
        position_ += media::kFrameSamples;
        return;
    }
    // Zero: nothing was measured yet, at the start and after a change of codec.
    if (left_delay > Nanoseconds(0)) {
        follow(in_frames(left_delay), right);
    }
    push(right);
    sink_->write(position_, left, waiting_[first_]);
    first_ = (first_ + 1) % waiting_.size();
    --count_;
    position_ += media::kFrameSamples;
}

// Brings the number of waiting frames nearer to `wanted`, where that cannot be heard.
void Recording::follow(std::size_t wanted, const media::Frame& next) {
    while (count_ < wanted && is_silent(next)) {
        push(kSilence);
    }
    while (count_ > wanted && is_silent(waiting_[first_])) {
        first_ = (first_ + 1) % waiting_.size();
        --count_;
    }
}

void Recording::push(const media::Frame& frame) {
    waiting_[(first_ + count_) % waiting_.size()] = frame;
    ++count_;
}

// What still waits was heard: it is written beside silence.
void Recording::stop() {
    while (sink_ && count_ > 0 && !is_silent(waiting_[first_])) {
        sink_->write(position_, kSilence, waiting_[first_]);
        first_ = (first_ + 1) % waiting_.size();
        --count_;
        position_ += media::kFrameSamples;
    }
    sink_.reset();
    waiting_ = {};
}

}  // namespace patchbay::call
