// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::sip {

// Which shard a message belongs to, found by peeking: no full parse, no table, no lock.
//
// Every branch, tag and Contact user part that we make begins with a mark, "pb" SHARD ".", as in
// "pb3.k2hq5x0aa1" (branches: "z9hG4bKpb3.k2hq5x0aa1"; the Contact user is "pb3." as well). A
// message is steered by the first of these that carries a mark of an existing shard:
//   responses: the branch of the topmost Via
//   requests:  the To tag; the tags of Replaces (design: the new leg is born beside the dialog it
//              replaces); the user part of the Request-URI (so that the CANCEL of such an INVITE,
//              which carries no Replaces, follows it)
//   else:      the hash of Call-ID, so that INVITE, its repeats, CANCEL and ACK stay together.
// A forged mark reaches a shard that answers 481: no harm.
unsigned steer(ByteView message, unsigned shard_count);

// The Call-ID as it stands in the message; empty where there is none. A view into `message`.
std::string_view peek_call_id(ByteView message);

// "pb3."
std::string shard_mark(unsigned shard);
// The shard in "pb3.rest"; nothing when `text` carries no mark.
std::optional<unsigned> marked_shard(std::string_view text);

}  // namespace patchbay::sip
