// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace patchbay::speech {

// Gives telephone audio what a recognizer of wide-band speech misses: sound above 4 kHz, made of
// the magnitude of what is below. Audio that has such sound of its own is left alone. 16 kHz mono.
class HighBandFill {
  public:
    void process(std::span<std::int16_t> samples);

    // Whether the stream was found to need it, so far.
    bool is_filling() const { return wide_samples_ == 0; }

  private:
    // Two second-order sections in a row: a Butterworth high pass of fourth order.
    class HighPass {
      public:
        explicit HighPass(double cutoff);  // Hz
        float next(float in);

      private:
        struct Section {
            float gain = 0;  // of in - 2 in1 + in2
            float a1 = 0;
            float a2 = 0;
            float in1 = 0;
            float in2 = 0;
            float out1 = 0;
            float out2 = 0;
        };
        std::array<Section, 2> sections_;
    };

    void judge(float power, float high_power, std::size_t count);

    HighPass of_signal_{5500};     // what no telephone carries
    HighPass of_magnitude_{4000};  // what is made
    float long_term_power_ = 0;
    std::size_t wide_samples_ = 0;  // for how long the band is taken to be wide
};

}  // namespace patchbay::speech
