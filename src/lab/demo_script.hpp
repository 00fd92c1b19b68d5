// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "media/tone.hpp"

#include <string>

namespace patchbay::lab {

// A tone of the demonstration: distinct, so that each is known again in a recording.
struct DemoTone {
    int frequency = 0;  // hertz
    Milliseconds length{0};

    media::ToneSpec spec() const {
        return {.frequency = static_cast<double>(frequency), .level = kLevel, .length = length};
    }
    static constexpr double kLevel = -16;  // dBFS
};

// What happens in the demonstration, for all who take part: the phone's flags, the files that are
// made, the client's steps, and what the checks expect.
struct DemoScript {
    Milliseconds ring{600};
    DemoTone phone_tone{440, Milliseconds(1200)};
    std::string keys = "5#";
    Milliseconds keys_after{1500};  // after the answer, when the tone is over
    std::string sentence =
        "Hello from Patchbay. I heard you press five and hash. Here is some music.";
    std::string wav_name = "demo.wav";
    DemoTone wav{660, Milliseconds(1200)};
    std::string mp3_name = "demo.mp3";
    DemoTone mp3{880, Milliseconds(3000)};
    Milliseconds interrupt_after{1500};  // half of the MP3
    Milliseconds pause{500};             // between two things, and after the interrupt
    std::string recording = "demonstration.wav";
};

}  // namespace patchbay::lab
