// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rtp/srtp_key.hpp"

#include <cstddef>
#include <cstdint>

namespace patchbay::rtp {

// RFC 3711 9.2: what one master key may protect at most.
inline constexpr std::uint64_t kSrtpIndices = std::uint64_t{1} << 48U;
inline constexpr std::uint32_t kSrtcpIndices = std::uint32_t{1} << 31U;

// RFC 3711 3.4: the word after the packet is the flag E and 31 bits of index.
inline constexpr std::size_t kSrtcpIndexSize = 4;
inline constexpr std::uint32_t kSrtcpEncrypted = std::uint32_t{1} << 31U;

// The first header and the SSRC of the sender stay readable.
inline constexpr std::size_t kSrtcpClearSize = 8;

// Where tag and index word lie behind `size` bytes of RTCP: RFC 3711 3.4 puts the word first,
// RFC 7714 9.2 the tag, because there it belongs to the ciphertext.
struct SrtcpLayout {
    std::size_t index = 0;
    std::size_t tag = 0;
};

constexpr SrtcpLayout srtcp_layout(const SrtpLengths& lengths, std::size_t size) {
    return lengths.aead ? SrtcpLayout{size + lengths.rtcp_tag, size}
                        : SrtcpLayout{size, size + kSrtcpIndexSize};
}

}  // namespace patchbay::rtp
