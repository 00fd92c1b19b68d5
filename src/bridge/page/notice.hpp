// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <string>
#include <variant>

// What a page says, by our script in it: its adapter's six events, and what became of the audio.
// `call` is the adapter's own name of a call.
namespace patchbay::bridge::page {

// The script is in the page: it was loaded, perhaps anew.
struct Hello {};

// The adapter's six events.
struct Ready {
    bool paired = true;  // false: nobody can call or be called, for the reason in `words`
    std::string words;
    std::string number;  // of the account; empty: unknown
};
struct Incoming {
    std::string call;
    std::string number;  // or whatever the page knows of the caller
    std::string name;
};
struct Ringing {
    std::string call;
};
struct Accepted {
    std::string call;
};
struct Ended {
    std::string call;
    std::string reason;  // terminate, rejected, missed, busy, unknown_number, ...
};
struct Keys {
    std::string call;
    std::string digits;
};

// Keys of the PBX, which came to the page in its audio.
struct HeardKeys {
    std::string digits;
};
struct AudioState {
    bool connected = false;  // false: it failed
};
// 16 kHz, mono, signed 16 bits, little endian.
struct AudioFrames {
    Bytes samples;
};

using Notice = std::variant<Hello,
                            Ready,
                            Incoming,
                            Ringing,
                            Accepted,
                            Ended,
                            Keys,
                            HeardKeys,
                            AudioState,
                            AudioFrames>;

}  // namespace patchbay::bridge::page
