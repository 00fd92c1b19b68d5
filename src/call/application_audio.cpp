// SPDX-License-Identifier: Apache-2.0
#include "call/application_audio.hpp"

#include "base/ensure.hpp"
#include "call/error_code.hpp"
#include "media/mix.hpp"

#include <utility>

namespace patchbay::call {
namespace {

// The first byte of a subscribed message.
constexpr std::uint8_t kServerSide = 0;
constexpr std::uint8_t kCallerSide = 1;

Result<AudioInlet> make_subscription() {
    PB_TRY(const AudioFormat format, AudioFormat::linear(media::kSampleRate));
    return AudioInlet::make(format, AudioInlet::Kind::Bursts);
}

bool wants_ambiance(const CallOption& option) {
    return option.ambiance && option.ambiance->enabled.value_or(true) && option.ambiance->path &&
           !option.ambiance->path->empty();
}

}  // namespace

Result<void> ApplicationAudio::check(const CallOption& option) {
    if (option.media_pass) {
        PB_CHECK(MediaPass::make(*option.media_pass));
    }
    return {};
}

void ApplicationAudio::start(Step& step, const CallOption& option, std::uint32_t ssrc) {
    if (option.media_pass && !media_pass_) {
        if (Result<MediaPass> made = MediaPass::make(*option.media_pass)) {
            media_pass_.emplace(std::move(*made));
            media_pass_->start(step, ssrc);
        } else {
            step.report_error(step.names.server_track, "media", describe(made.error()),
                              error_code(made.error().code));
        }
    }
    if (option.subscribe.value() && !subscription_) {
        Result<AudioInlet> inlet = make_subscription();
        PB_ENSURE(inlet.has_value());
        subscription_.emplace(std::move(*inlet));
    }
    if (wants_ambiance(option) && !ambiance_) {
        ambiance_.emplace(*option.ambiance);
        ambiance_->start(step);
    }
}

void ApplicationAudio::stop(Step& step) {
    if (media_pass_) {
        media_pass_->stop(step);
    }
    if (ambiance_) {
        ambiance_->stop();
    }
}

bool ApplicationAudio::is_silent() const {
    return (!media_pass_ || media_pass_->is_silent()) &&
           (!subscription_ || subscription_->is_silent());
}

bool ApplicationAudio::has_waiting() const {
    return (media_pass_ && media_pass_->waiting() > Nanoseconds(0)) ||
           (subscription_ && subscription_->waiting() > Nanoseconds(0));
}

void ApplicationAudio::pass(Step& step, const media::Frame& heard) {
    if (media_pass_) {
        media_pass_->write(step, heard);
    }
}

void ApplicationAudio::hear(Step& step, const media::Frame& heard) {
    if (subscription_) {
        send_side(step, kCallerSide, heard);
    }
}

bool ApplicationAudio::speak(Step& step, media::Frame& played, bool sounds) {
    media::Frame said;
    if (media_pass_ && media_pass_->read(step.now, said)) {
        media::mix_into(played, said);
        sounds = true;
    }
    if (subscription_ && subscription_->read(step.now, said)) {
        media::mix_into(played, said);
        sounds = true;
    }
    const bool background = ambiance_ && ambiance_->mix_into(step, played, sounds);
    return sounds || background;
}

void ApplicationAudio::share(Step& step, const media::Frame& played, bool sounds) {
    if (subscription_ && sounds) {
        send_side(step, kServerSide, played);
    }
}

void ApplicationAudio::send_side(Step& step, std::uint8_t side, const media::Frame& frame) const {
    Bytes message(1 + 2 * frame.size());
    message[0] = side;
    for (std::size_t i = 0; i < frame.size(); ++i) {
        const auto sample = static_cast<std::uint16_t>(frame[i]);
        message[1 + 2 * i] = static_cast<std::uint8_t>(sample & 0xFF);
        message[2 + 2 * i] = static_cast<std::uint8_t>(sample >> 8);
    }
    step.ask(SendAudio{step.names.key, std::move(message)});
}

Result<void> ApplicationAudio::handle_audio(Instant now, ByteView bytes) {
    if (!subscription_) {
        return fail(Errc::WrongState, "audio of a client that has not subscribed");
    }
    return subscription_->write(now, bytes);
}

void ApplicationAudio::interrupt() {
    if (media_pass_) {
        media_pass_->interrupt();
    }
    if (subscription_) {
        subscription_->clear();
    }
}

void ApplicationAudio::handle_timeout(Step& step) {
    if (media_pass_) {
        media_pass_->handle_timeout(step);
    }
}

std::optional<Instant> ApplicationAudio::next_timeout() const {
    return media_pass_ ? media_pass_->next_timeout() : std::nullopt;
}

}  // namespace patchbay::call
