// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sdp/session_description.hpp"

#include <optional>
#include <string>

namespace patchbay::call {

// What became of a hold that one party of a forwarded call passed on to the other one.
struct HoldOutcome {
    int status = 200;  // of the re-INVITE to the other party, if there was one
    // What the far end there leaves the asking party to do; absent: as before.
    std::optional<sdp::Direction> limit = std::nullopt;
};

// How a hold of one party of a forwarded call reaches the other (RFC 3264 8.4, RFC 5359 2.1): each
// session knows what its own far end wants, and what the other party's far end wants of it. The
// Exchange carries requests and outcomes between the two. Directions are what we do on this leg.
struct HoldRelay {
    // What our far end leaves us to do.
    sdp::Direction left = sdp::Direction::SendRecv;
    // Its re-INVITE that waits until the other party has followed.
    std::optional<std::string> waiting;
    std::optional<sdp::Direction> request;  // for the other party: a new `limit` of its

    // What the other party's far end leaves us to do: the reverse of what it leaves that party.
    sdp::Direction limit = sdp::Direction::SendRecv;
    // While a re-INVITE of ours is on its way because of it: what was before, and what comes next.
    std::optional<sdp::Direction> former_limit;
    std::optional<sdp::Direction> next_limit;
    std::optional<HoldOutcome> outcome;  // for the other party

    bool has_word_for_partner() const { return request || outcome; }
    // Neither what the other party wants nor our own hold of the far end comes back to it.
    sdp::Direction limit_of_partner() const { return sdp::reversed(left); }
    // An answer tells what the far end wants only as far as it was asked.
    void note_answer(sdp::Direction asked, sdp::Direction agreed) {
        left = sdp::make_direction(sdp::sends(sdp::sends(asked) ? agreed : left),
                                   sdp::receives(sdp::receives(asked) ? agreed : left));
    }
};

}  // namespace patchbay::call
