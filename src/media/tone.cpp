// SPDX-License-Identifier: Apache-2.0
#include "media/tone.hpp"

#include "base/text.hpp"
#include "media/level.hpp"
#include "media/mix.hpp"

#include <cmath>
#include <numbers>

namespace patchbay::media {

ToneSpec ringback_tone() {
    return {.frequency = 440,
            .second_frequency = 480,
            .level = -19,
            .on = Milliseconds(2000),
            .off = Milliseconds(4000)};
}

ToneSpec busy_tone() {
    return {.frequency = 480,
            .second_frequency = 620,
            .level = -24,
            .on = Milliseconds(500),
            .off = Milliseconds(500)};
}

std::optional<DtmfPair> dtmf_pair(char key) {
    constexpr std::string_view kKeys = "123A456B789C*0#D";
    constexpr std::array kLow{697.0, 770.0, 852.0, 941.0};
    constexpr std::array kHigh{1209.0, 1336.0, 1477.0, 1633.0};
    const char upper = key >= 'a' && key <= 'd' ? static_cast<char>(key - 'a' + 'A') : key;
    const std::size_t at = kKeys.find(upper);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    return DtmfPair{kLow[at / 4], kHigh[at % 4]};
}

Result<ToneSpec> dtmf_tone(char key, Milliseconds on, double level) {
    const auto pair = dtmf_pair(key);
    if (!pair) {
        return fail(Errc::Malformed, "DTMF key", key);
    }
    return ToneSpec{
        .frequency = pair->low, .second_frequency = pair->high, .level = level, .length = on};
}

ToneGenerator::ToneGenerator(const ToneSpec& spec, int sample_rate)
    : spec_(spec),
      rate_(sample_rate),
      amplitude_(sine_amplitude(spec.level)),
      on_samples_(samples_in(spec.on, sample_rate)),
      cycle_samples_(samples_in(spec.on + spec.off, sample_rate)) {
    if (spec.length) {
        total_ = samples_in(*spec.length, sample_rate);
    }
}

void ToneGenerator::generate(std::span<std::int16_t> out) noexcept {
    for (std::int16_t& sample : out) {
        double value = 0;
        if (sounds_at(position_)) {
            const double turn = 2 * std::numbers::pi * static_cast<double>(position_) / rate_;
            value = std::sin(turn * spec_.frequency);
            if (spec_.second_frequency > 0) {
                value += std::sin(turn * spec_.second_frequency);
            }
        }
        sample = saturate(static_cast<int>(std::lrint(value * amplitude_)));
        ++position_;
    }
}

bool ToneGenerator::finished() const {
    return total_ && position_ >= *total_;
}

bool ToneGenerator::sounds_at(std::uint64_t sample) const noexcept {
    if (total_ && sample >= *total_) {
        return false;
    }
    return on_samples_ == 0 || sample % cycle_samples_ < on_samples_;
}

FrameSource::State ToneSource::read(Frame& out) {
    const bool ended = generator_.finished();
    generator_.generate(out);
    return ended ? State::Ended : State::Playing;
}

}  // namespace patchbay::media
