// SPDX-License-Identifier: Apache-2.0
#include "call/caller_clean_up.hpp"

namespace patchbay::call {
namespace {

// `agc`: true or an object of settings, whose figures are ours.
bool asks_for_gain(const CallOption& option) {
    return option.agc && option.agc->json() != "false" && option.agc->json() != "null";
}

}  // namespace

std::unique_ptr<CallerCleanUp> CallerCleanUp::make(const CallOption& option) {
    if (!option.denoise.value() && !option.echo_cancel.value() && !asks_for_gain(option)) {
        return nullptr;
    }
    auto made = std::make_unique<CallerCleanUp>();
    if (option.echo_cancel.value()) {
        made->echo_ = std::make_unique<speech::EchoCanceller>();
    }
    if (option.denoise.value()) {
        made->suppressor_ = std::make_unique<speech::NoiseSuppressor>();
    }
    if (asks_for_gain(option)) {
        made->gain_ = std::make_unique<speech::GainControl>();
    }
    return made;
}

const media::Frame& CallerCleanUp::process(const media::Frame& heard, Nanoseconds waited) {
    frame_ = heard;
    if (echo_) {
        echo_->process(frame_, waited);
    }
    if (suppressor_) {
        suppressor_->process(frame_);
    }
    if (gain_) {
        gain_->process(frame_);
    }
    return frame_;
}

void CallerCleanUp::play(const media::Frame& played) {
    if (echo_) {
        echo_->play(played);
    }
}

Nanoseconds CallerCleanUp::delay() const {
    return (suppressor_ ? speech::NoiseSuppressor::kDelay : Nanoseconds(0)) +
           (echo_ ? speech::EchoCanceller::kDelay : Nanoseconds(0));
}

}  // namespace patchbay::call
