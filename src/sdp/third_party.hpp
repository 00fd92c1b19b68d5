// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "sdp/offer_answer.hpp"
#include "sdp/session_description.hpp"

#include <vector>

// Descriptions of one who has no media and brings two others together (RFC 3725). `ours` is an
// address of its own, for the o= line.
namespace patchbay::sdp {

// RFC 3725 4.4: the offer of a call whose media is not known yet.
SessionDescription without_media(const IpAddress& ours);
// RFC 3725 4.2: the same for who wants to hear of media at once. It goes nowhere; `wanted` says
// which formats there may be, its address is not used.
SessionDescription black_hole(LocalMedia wanted, const IpAddress& ours);
// An answer to the offer that settles its formats, and leads nowhere.
SessionDescription into_black_hole(SessionDescription offer, const IpAddress& ours);

// The same with this direction in every section that is in use.
SessionDescription with_direction(SessionDescription description, Direction direction);

// The description of one party for the other one: our origin, and as many sections as `pattern`.
// Those that are missing are refused in their places, those beyond it are left out (RFC 3264 6).
SessionDescription passed_on(SessionDescription description,
                             const std::vector<MediaDescription>& pattern,
                             const IpAddress& ours);

// Whether media goes to the same places, whatever its formats and directions are.
bool same_places(const SessionDescription& a, const SessionDescription& b);

}  // namespace patchbay::sdp
