// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "lab/audio_file.hpp"
#include "lab/demo_call.hpp"
#include "lab/demo_script.hpp"
#include "lab/phone_note.hpp"

#include <string>
#include <vector>

namespace patchbay::lab {

// Everything that the demonstration left behind.
struct DemoEvidence {
    DemoRecord client;
    WallAnchor clock;  // of the client's instants
    std::vector<PhoneNote> phone;
    AudioFile phone_recording;   // left: heard, right: said
    AudioFile server_recording;  // left: the phone, right: what it was played
};

struct DemoCheck {
    std::string name;
    bool ok = false;
    std::string measured;
};

// Every step of the script, held against what really happened.
std::vector<DemoCheck> check_demo(const DemoScript& script, const DemoEvidence& evidence);

}  // namespace patchbay::lab
