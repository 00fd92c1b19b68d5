// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "media/frame.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace patchbay::media {

// One or two sines, on and off in turns.
struct ToneSpec {
    double frequency = 440;       // hertz
    double second_frequency = 0;  // 0: one sine only
    double level = -13;           // dBFS of each sine's root mean square
    Milliseconds on{0};           // 0: for ever
    Milliseconds off{0};
    std::optional<Nanoseconds> length = std::nullopt;  // absent: until nobody asks

    friend bool operator==(const ToneSpec&, const ToneSpec&) = default;
};

// ITU-T E.182 / ANSI T1.401 call progress tones as North America hears them.
ToneSpec ringback_tone();
ToneSpec busy_tone();

// ITU-T Q.23: the two frequencies of a key 0-9 * # A-D.
struct DtmfPair {
    double low = 0;
    double high = 0;
};
std::optional<DtmfPair> dtmf_pair(char key);
Result<ToneSpec> dtmf_tone(char key, Milliseconds on, double level = -10);

// Phase-continuous samples of a tone at any rate.
class ToneGenerator {
  public:
    explicit ToneGenerator(const ToneSpec& spec, int sample_rate = kSampleRate);

    // Fills `out`; after the end with silence.
    void generate(std::span<std::int16_t> out) noexcept;
    bool finished() const;

  private:
    bool sounds_at(std::uint64_t sample) const noexcept;

    ToneSpec spec_;
    double rate_;
    double amplitude_;
    std::uint64_t position_ = 0;
    std::uint64_t on_samples_;
    std::uint64_t cycle_samples_;
    std::optional<std::uint64_t> total_;
};

class ToneSource final : public FrameSource {
  public:
    explicit ToneSource(const ToneSpec& spec) : spec_(spec), generator_(spec) {}

    State read(Frame& out) override;
    std::optional<Nanoseconds> total_duration() const override { return spec_.length; }

  private:
    ToneSpec spec_;
    ToneGenerator generator_;
};

}  // namespace patchbay::media
