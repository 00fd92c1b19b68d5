// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "sdp/local_session.hpp"
#include "sdp/session_description.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// Calls whose media flows from phone to phone (RFC 3725). Each phone has its session; what one
// phone describes is handed to the session of the other one, by the Exchange.
namespace patchbay::call {

// The other phone is to be offered this; without a description it is to make the offer.
struct DirectOffer {
    std::optional<sdp::SessionDescription> description;
    // Asked for by the first phone, who waits for the answer; else by us.
    bool passed_on = false;
};
// What the phone says of itself, to complete what the other one began.
struct DirectAnswer {
    sdp::SessionDescription description;
};
// The phone does not want what it was offered; all stays as it was.
struct DirectRefusal {
    int status = 0;
};
// The phone is held, or not any more, and so must the other one be.
struct DirectHold {
    bool held = false;
};
// For the Exchange: the two are connected (200), or it did not come about.
struct DirectSettled {
    int status = 0;
};
using DirectMessage =
    std::variant<DirectOffer, DirectAnswer, DirectRefusal, DirectHold, DirectSettled>;

// What a session knows of a phone whose media does not come here. One exchange of descriptions at a
// time; each member says which one it is.
struct DirectMedia {
    explicit DirectMedia(Random& random) : told(random) {}

    // What of ours the phone waits for, after a description of its own.
    enum class Owed : std::uint8_t {
        Nothing,
        Ack,      // its offer came in a 2xx: the ACK carries the answer
        Reoffer,  // it was told of a black hole, and is to hear of the other phone
    };
    // What a re-INVITE of ours, other than one that holds, is for.
    enum class Asking : std::uint8_t { Nothing, PassedOn, Connecting };

    // Descriptions for the phone, in our name: an offer in the session so far, and the answer to an
    // offer of the phone.
    std::string offer(const sdp::SessionDescription& description);
    std::string answer(const sdp::SessionDescription& description,
                       const sdp::SessionDescription& offer);

    void say(DirectMessage message) { outbox.push_back(std::move(message)); }
    bool is_busy() const {
        return asking != Asking::Nothing || owed != Owed::Nothing || phone_asks || awaits_ack;
    }

    IpAddress local;                               // ours, as the phone sees it
    sdp::LocalSession told;                        // our descriptions in its dialog
    std::optional<sdp::SessionDescription> phone;  // what it says of itself
    std::optional<sdp::SessionDescription> other;  // what it was told of the other phone
    bool black_hole = false;                       // it takes no INVITE without media

    Owed owed = Owed::Nothing;
    Asking asking = Asking::Nothing;
    std::optional<sdp::SessionDescription> offered;  // in the re-INVITE that is on its way
    std::optional<sdp::SessionDescription> queued;   // to be offered when the line is free
    std::optional<Instant> retry_at;
    int collisions = 0;

    bool phone_asks = false;  // its re-INVITE waits for what the other phone says
    bool awaits_ack = false;  // of such a re-INVITE that asked for an offer
    std::optional<sdp::SessionDescription> phone_wants;  // in that re-INVITE

    bool wants_hold = false;   // the client wants this phone held
    bool other_holds = false;  // and the other one
    std::vector<DirectMessage> outbox;
};

}  // namespace patchbay::call
