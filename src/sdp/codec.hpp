// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sdp/session_description.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::sdp {

// An RTP payload format as SDP names it.
struct Codec {
    std::string name;               // as written: "PCMU", "opus"
    std::uint8_t payload_type = 0;  // 0 to 127
    std::uint32_t clock_rate =
        8000;  // of the RTP timestamps: 8000 for G.722, which samples at 16000
    std::uint32_t channels = 1;
    std::string fmtp;  // format parameters as written, "" when absent

    friend bool operator==(const Codec&, const Codec&) = default;
};

// The codecs that can be asked for by a word of the configuration or of a client, in any case:
// pcmu, pcma, g722, l16 (16 kHz mono), opus. The payload type is the static one, or the number
// that our offers use.
std::optional<Codec> known_codec(std::string_view name);

// Same format whatever its number: name in any case, clock rate, channels.
bool same_format(const Codec& a, const Codec& b);

inline constexpr std::string_view kTelephoneEvent = "telephone-event";

// The RTP formats of a section in its order: dynamic numbers by their rtpmap, static ones also
// without (RFC 3551 6). Numbers given twice count once; a dynamic number without a readable rtpmap
// means nothing and is left out.
std::vector<Codec> codecs_of(const MediaDescription& section);

}  // namespace patchbay::sdp
