// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

namespace patchbay::call {

// Why a call ended, in the words of the `hangup` event, with the SIP status that stands for it in
// lists and records. A client's own words are passed through unchanged.
struct HangupCause {
    std::string reason;
    std::string initiator;  // "caller", "callee", "system", or the client's word
    int status = 0;

    friend bool operator==(const HangupCause&, const HangupCause&) = default;
};

namespace cause {

// BYE or CANCEL of the far end. Of an outgoing call the far end is the callee.
inline HangupCause by_peer(bool incoming, bool answered) {
    return {incoming ? "byCaller" : "byCallee", incoming ? "caller" : "callee",
            answered ? 200 : 487};
}
// `hangup` without a reason, a closed control connection, a kill, the server's own end.
inline HangupCause by_system(bool answered) {
    return {"bySystem", "system", answered ? 200 : 487};
}
inline HangupCause auto_hangup() {
    return {"autohangup", "system", 200};
}
// Nothing came from the caller for `inactivityTimeout`.
inline HangupCause inactivity() {
    return {"inactivityTimeout", "system", 200};
}
inline HangupCause rejected(int status) {
    return {"rejected", "callee", status};
}
inline HangupCause no_answer() {
    return {"noAnswer", "system", 408};
}
// The application declined, with its own words and status.
inline HangupCause declined(std::string reason, int status) {
    return {std::move(reason), "callee", status};
}
// The second leg has ended, and takes the call with it.
inline HangupCause by_refer() {
    return {"byRefer", "system", 200};
}
// Nobody could be told of an incoming call.
inline HangupCause no_application() {
    return {"serverUnavailable", "system", 503};
}
// The far end was handed to somebody else, and is in good hands.
inline HangupCause transferred() {
    return {"transferred", "system", 200};
}
// Nobody could be called, or the call broke: no route, no port, no codec, a bug of ours.
inline HangupCause failed(int status) {
    return {"failed", "system", status};
}

}  // namespace cause
}  // namespace patchbay::call
