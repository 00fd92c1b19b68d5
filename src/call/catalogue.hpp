// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

// Every code of an `error` event, every reason of a `hangup` event of ours, and every SIP status
// that stands for a call, with what whoever meets it can do. docs/errors.md is made of it, and a
// test fails when the code says something that is not here.
namespace patchbay::call {

// The code of an `error` event.
struct ErrorMeaning {
    int code;
    std::string_view senders;  // who says it
    std::string_view meaning;
    std::string_view remedy;
};

// The reason of a `hangup` event. A client's own reason and initiator come back unchanged.
struct HangupMeaning {
    std::string_view reason;
    std::string_view initiator;
    std::string_view status;
    std::string_view meaning;
    std::string_view remedy;
};

// The SIP status with which the server refuses, or that stands for a call in lists and records.
struct StatusMeaning {
    int status;
    std::string_view meaning;
    std::string_view remedy;
};

inline constexpr std::array kErrorMeanings{
    ErrorMeaning{400, "command, media",
                 "the message breaks its grammar, or a value is out of range",
                 "correct the command; the text names the member"},
    ErrorMeaning{401, "command, media", "credentials are missing or wrong",
                 "give `sip.username` and `sip.password`, or the token"},
    ErrorMeaning{403, "command, media", "known, and not allowed: an address, a file, a number",
                 "ask the operator: `[fetch] allow`, the media folder, the denied numbers"},
    ErrorMeaning{404, "command, media", "no such call, track, file, callee or route",
                 "look at the name; a call that ended is gone"},
    ErrorMeaning{408, "command, media, tts", "no answer in time",
                 "try again; where a browser is concerned, look at its network and at TURN"},
    ErrorMeaning{409, "command", "the command does not fit the state of the call",
                 "wait for the event that the command needs (`answer` before `refer`); the call is "
                 "unharmed"},
    ErrorMeaning{413, "command, media, tts", "a limit was passed: text, queue, file",
                 "send less at a time"},
    ErrorMeaning{480, "command, transfer",
                 "the second leg: the other party is not registered or not reached",
                 "call again later, or somebody else"},
    ErrorMeaning{486, "command", "the second leg: the other party is busy",
                 "call again later, or somebody else"},
    ErrorMeaning{488, "media, ringing", "no codec or key in common, or no session description",
                 "look at `codec`, `offer` and `[rtp] codecs`, `srtp`"},
    ErrorMeaning{491, "hold", "the far end changed the session at the same time, again and again",
                 "try again"},
    ErrorMeaning{500, "system, media, recorder, tts", "a fault of the server or of its machine",
                 "look at the server's log for the call's id and report it"},
    ErrorMeaning{501, "command, asr, tts, vad, media, eou, realtime, sip",
                 "known, and not served by this version or this machine",
                 "leave the option away; the call goes on without it"},
    ErrorMeaning{503, "media, ringing, command", "a resource is missing: port, provider, disk",
                 "widen the range of RTP ports, or make fewer calls at once"},
    ErrorMeaning{603, "command", "the second leg: the other party declined", "call somebody else"},
};

inline constexpr std::array kHangupMeanings{
    HangupMeaning{"byCaller", "caller", "200, 487",
                  "the calling party hung up, or gave up before the answer", "none is needed"},
    HangupMeaning{"byCallee", "callee", "200, 487", "the called party hung up", "none is needed"},
    HangupMeaning{
        "bySystem", "system", "200, 487, 603",
        "a `hangup` without a reason, a closed control connection, a kill, the server's end",
        "keep the WebSocket open for as long as the call is to live"},
    HangupMeaning{"byRefer", "system", "200", "the second leg ended, and `autoHangup` was set",
                  "leave `autoHangup` away to go on with the caller"},
    HangupMeaning{"autohangup", "system", "200",
                  "a playback with `autoHangup` was heard to its end", "none is needed"},
    HangupMeaning{"inactivityTimeout", "system", "200", "nothing came from the caller for so long",
                  "a longer `inactivityTimeout`; silence that is not sent counts as nothing"},
    HangupMeaning{"rejected", "callee", "the far end's", "the callee, or the way there, refused",
                  "see the SIP status"},
    HangupMeaning{"noAnswer", "system", "408",
                  "nobody answered within `handshakeTimeout` or `accept_timeout`",
                  "a longer time, or another callee"},
    HangupMeaning{"serverUnavailable", "system", "503",
                  "no application could be told of the incoming call",
                  "look at the webhook's URL and at the server's log"},
    HangupMeaning{"transferred", "system", "200",
                  "the far end was handed to somebody else by `transfer`", "none is needed"},
    HangupMeaning{"failed", "system", "404, 408, 481, 488, 500, 503",
                  "the call could not be set up, or broke: the status says why",
                  "see the SIP status"},
};

inline constexpr std::array kStatusMeanings{
    StatusMeaning{200, "the call was answered and ended in the usual way", "none is needed"},
    StatusMeaning{400, "the request breaks the grammar of SIP", "look at the trace of the call"},
    StatusMeaning{401, "credentials are needed", "give the account's user and password"},
    StatusMeaning{
        403, "not allowed: the number is on the list of denied ones, or the source is not known",
        "ask the operator"},
    StatusMeaning{404, "no route, no such user", "look at the number and at the table of routes"},
    StatusMeaning{407, "the trunk wants credentials", "configure the trunk's account"},
    StatusMeaning{408, "no answer in time, or the far end was lost",
                  "a longer `handshakeTimeout`; look at firewalls and NAT"},
    StatusMeaning{480, "nobody is there: the user is registered nowhere", "try again later"},
    StatusMeaning{481, "the far end has forgotten the call", "look at the far end's log"},
    StatusMeaning{482, "the call came back to this server", "look at the routes for a loop"},
    StatusMeaning{483, "the call was forwarded too often", "look at the routes for a loop"},
    StatusMeaning{486, "busy", "try again later"},
    StatusMeaning{487, "given up before the answer", "none is needed"},
    StatusMeaning{488, "no codec or key in common", "look at `codec`, `[rtp] codecs` and `srtp`"},
    StatusMeaning{491, "two offers met (RFC 3261 14.1); nothing changed", "try again"},
    StatusMeaning{500, "a fault of the server", "look at the log for the call's id and report it"},
    StatusMeaning{503, "no room: calls, ports or the trunk; or nobody can be told of the call",
                  "come back after `Retry-After`; raise the caps if the machine can take it"},
    StatusMeaning{603, "declined", "none is needed"},
};

}  // namespace patchbay::call
