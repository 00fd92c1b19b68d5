// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

// What a page is asked for: the five functions of its adapter, and its audio.
namespace patchbay::bridge::page {

enum class CommandKind : std::uint8_t {
    // The adapter's five functions.
    Place,  // answered with the name of the call
    Accept,
    Reject,
    HangUp,
    SendKeys,  // to the WhatsApp user
    // The audio between the page and us.
    OfferAudio,   // answered with a description
    AnswerAudio,  // the same, to ours
    TakeAnswer,
    PressKeys,  // to the PBX, in the audio
    CloseAudio,
};

// How audio comes from the page to the engine.
enum class AudioWay : std::uint8_t {
    Peer,    // its own peer connection, with the session's
    Frames,  // by DevTools or our WebSocket to an end in this process that is the session's peer
};

using CommandId = std::uint64_t;

struct Command {
    CommandKind kind = CommandKind::Place;
    std::string call;
    std::string number;
    std::string digits;
    std::string sdp;
    AudioWay way = AudioWay::Peer;
};
struct CommandRequest {
    CommandId id = 0;
    Command command;
};
struct CommandAnswer {
    std::string call;
    std::string sdp;
    std::string error;   // in words; empty: it is done
    std::string reason;  // of the error, in the words of Ended
};

}  // namespace patchbay::bridge::page
