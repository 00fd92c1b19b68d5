// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sip/header/media_type.hpp"
#include "sip/message.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace patchbay::sip {

// Parts of one body, and of parts within parts: a session description beside what another network
// has to say.
inline constexpr std::size_t kMaxBodyParts = 16;
inline constexpr int kMaxBodyDepth = 3;

// One part of a multipart body; views into the body.
struct BodyPart {
    std::string_view type;         // of its Content-Type field; empty: text/plain (RFC 2046 5.1)
    std::string_view disposition;  // of its Content-Disposition field
    std::string_view encoding;     // of its Content-Transfer-Encoding field
    std::string_view content;
};

// RFC 2046 5.1.1, as strict as SIP is about line ends; what stands before the first part and behind
// the last is nothing. Malformed: no boundary, no part, no end. TooLarge: kMaxBodyParts.
Result<std::vector<BodyPart>> parse_multipart(const MediaType& type, std::string_view body);

// The message with, in place of a multipart body (RFC 5621 3.1), the first part of it that is of
// one of the types: whoever looks for a session description finds it, whatever else was sent along.
// Parts of parts are looked at too. It stays as it is where there is no such part, and where
// another part says that it must be understood. RFC 3261 20.11 has that of all parts that say
// nothing, but locations and signalling of other networks come without a word and harm nobody.
Message open_multipart(Message message, std::span<const std::string_view> types);

}  // namespace patchbay::sip
