// SPDX-License-Identifier: Apache-2.0
#include "call/audio_inlet.hpp"

#include "call/limits.hpp"
#include "media/level.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {
namespace {

// Below this a frame that is left out is not missed: room noise, pauses in speech.
constexpr double kQuiet = -45;

std::size_t most_samples(AudioInlet::Kind kind) {
    return media::samples_in(kind == AudioInlet::Kind::Live ? kLiveAudioWaiting
                                                            : kBurstAudioWaiting);
}

}  // namespace

Result<AudioInlet> AudioInlet::make(const AudioFormat& format, Kind kind) {
    PB_TRY(auto decoder, format.make_decoder());
    PB_TRY(auto resampler, media::Resampler::make(format.sample_rate(), media::kSampleRate));
    return AudioInlet(format, kind, std::move(decoder), std::move(resampler));
}

AudioInlet::AudioInlet(const AudioFormat& format,
                       Kind kind,
                       std::unique_ptr<media::AudioDecoder> decoder,
                       media::Resampler resampler)
    : kind_(kind),
      most_(most_samples(kind)),
      bytes_per_unit_(format.bytes_per_unit()),
      sample_rate_(format.sample_rate()),
      decoder_(std::move(decoder)),
      resampler_(std::move(resampler)) {}

Result<void> AudioInlet::write(Instant now, ByteView bytes) {
    if (bytes.empty()) {
        return {};
    }
    if (dry_since_) {
        // More of the same sound, late: the sender or the network between is uneven.
        const Nanoseconds late = now - *dry_since_;
        if (late >= kInletLate && late < kInletPause) {
            hold_ = std::min(hold_ + 1, kMaxInletHold);
        }
        dry_since_.reset();
    }
    filling_since_ = filling_since_.value_or(now);
    if (rest_.empty()) {
        const std::size_t whole = bytes.size() - bytes.size() % bytes_per_unit_;
        decode(bytes.first(whole));
        rest_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(whole), bytes.end());
    } else {
        rest_.insert(rest_.end(), bytes.begin(), bytes.end());
        const std::size_t whole = rest_.size() - rest_.size() % bytes_per_unit_;
        decode(ByteView(rest_).first(whole));
        rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(whole));
    }
    if (available() > most_) {
        samples_.resize(begin_ + most_);
        return fail(Errc::TooLarge, "audio that waits to be played");
    }
    return {};
}

void AudioInlet::decode(ByteView bytes) {
    // Only now and then, so that a long answer is not moved with every message.
    if (begin_ > samples_.size() / 2) {
        samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(begin_));
        begin_ = 0;
    }
    decoded_.resize(decoder_->decoded_size(bytes));
    const std::size_t count = decoder_->decode(bytes, decoded_);
    const auto decoded = std::span(decoded_).first(count);
    const std::size_t end = samples_.size();
    // One more than the ratio says: a resampler may owe a sample of the message before.
    samples_.resize(end +
                    count * static_cast<std::size_t>(media::kSampleRate) /
                        static_cast<std::size_t>(sample_rate_) +
                    1);
    const auto progress = resampler_.process(decoded, std::span(samples_).subspan(end));
    samples_.resize(end + progress.produced);
}

bool AudioInlet::is_ready(Instant now) const {
    if (available() == 0 || !filling_since_) {
        return false;
    }
    const auto frames = static_cast<std::size_t>(1 + hold_);
    // A short sound is heard too: when nothing joins it, it has waited long enough.
    return available() >= frames * media::kFrameSamples ||
           now - *filling_since_ >= static_cast<std::int64_t>(frames) * Nanoseconds(kFrameTime);
}

bool AudioInlet::read(Instant now, media::Frame& out) {
    if (!playing_ && is_ready(now)) {
        playing_ = true;
        least_waiting_ = available();
        observed_ = 0;
    } else if (playing_ && available() < media::kFrameSamples) {
        run_dry(now);
    }
    if (!playing_) {
        out.fill(0);
        return false;
    }
    if (kind_ == Kind::Live) {
        leave_out_silence();
    }
    take(out);
    return true;
}

// What is left waits for more of the sound, and is played with silence when none comes.
void AudioInlet::run_dry(Instant now) {
    playing_ = false;
    dry_since_ = now;
    filling_since_ = available() > 0 ? std::optional(now) : std::nullopt;
}

void AudioInlet::take(media::Frame& out) {
    const std::size_t count = std::min(available(), out.size());
    std::copy_n(samples_.begin() + static_cast<std::ptrdiff_t>(begin_), count, out.begin());
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(count), out.end(), std::int16_t{0});
    begin_ += count;
    if (begin_ == samples_.size()) {
        samples_.clear();
        begin_ = 0;
        if (samples_.capacity() > media::samples_in(Seconds(1))) {
            samples_.shrink_to_fit();
        }
    }
}

// What waited all through the window is delay and nothing else.
void AudioInlet::leave_out_silence() {
    least_waiting_ = std::min(least_waiting_, available());
    if (++observed_ < kInletWindow) {
        return;
    }
    const auto wanted = static_cast<std::size_t>(kInletSlack + hold_) * media::kFrameSamples;
    const auto front =
        std::span(samples_).subspan(begin_).first(std::min(available(), media::kFrameSamples));
    if (least_waiting_ <= wanted) {
        least_waiting_ = available();
        observed_ = 0;
        hold_ = std::max(hold_ - 1, 0);
    } else if (media::rms_level(front) < kQuiet) {
        begin_ += front.size();
        least_waiting_ -= front.size();
    }
}

void AudioInlet::clear() {
    samples_.clear();
    begin_ = 0;
    rest_.clear();
    playing_ = false;
    filling_since_.reset();
    dry_since_.reset();
}

}  // namespace patchbay::call
