// SPDX-License-Identifier: Apache-2.0
#include "call/ambiance.hpp"

#include "call/error_code.hpp"
#include "media/mix.hpp"

#include <algorithm>

namespace patchbay::call {
namespace {

// Louder than the recording itself is never background.
float level(double wanted) {
    return static_cast<float>(std::clamp(wanted, 0.0, 1.0));
}

}  // namespace

Ambiance::Ambiance(const AmbianceOption& option)
    : path_(option.path.value_or("")),
      duck_level_(level(option.duck_level.value())),
      normal_level_(level(option.normal_level.value())),
      transition_speed_(std::max(level(option.transition_speed.value()), 0.001F)),
      level_(normal_level_) {}

void Ambiance::start(Step& step) {
    step.ask(OpenFile{.playback = {step.names.key, kFirstSequence},
                      .url = path_,
                      .offset = Milliseconds(0),
                      .loop = true});
}

void Ambiance::give_up(Step& step, const Error& error) {
    source_.reset();
    step.report_error(step.names.server_track, "media",
                      "cannot play ambiance " + path_ + ": " + describe(error),
                      error_code(error.code));
}

bool Ambiance::mix_into(Step& step, media::Frame& played, bool server_speaks) {
    if (!source_) {
        return false;
    }
    media::Frame frame;
    using State = media::FrameSource::State;
    const State state = source_->read(frame);
    if (state == State::Failed) {
        give_up(step, source_->failure().value_or(Error{Errc::Unavailable, "source"}));
        return false;
    }
    if (state == State::Ended) {
        source_.reset();
        return false;
    }
    const float target = server_speaks ? duck_level_ : normal_level_;
    const float next = level_ + std::clamp(target - level_, -transition_speed_, transition_speed_);
    media::apply_ramp(frame, level_, next);
    level_ = next;
    media::mix_into(played, frame);
    return true;
}

}  // namespace patchbay::call
