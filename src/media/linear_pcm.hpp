// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/codec.hpp"

#include <memory>

namespace patchbay::media {

// 16-bit samples, least significant byte first, as applications send and expect them over
// WebSocket ("pcm"). RTP's L16 has the bytes the other way round (RFC 3551 4.5.11).
std::unique_ptr<AudioEncoder> make_linear_encoder();
// An odd last byte is not a sample and is ignored.
std::unique_ptr<AudioDecoder> make_linear_decoder();

}  // namespace patchbay::media
