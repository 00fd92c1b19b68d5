// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/codec.hpp"

#include <memory>

// Opus (RFC 6716, RFC 7587) by libopus, mono at the rate of our frames; private to this module, use
// make_encoder() and make_decoder().
namespace patchbay::media {

Result<std::unique_ptr<AudioEncoder>> make_opus_encoder(const EncoderOptions& options);
Result<std::unique_ptr<AudioDecoder>> make_opus_decoder();

// One frame of Opus lasts 10, 20, 40 or 60 ms (RFC 6716 2.1.4).
Milliseconds opus_packet_time(Milliseconds wanted);

}  // namespace patchbay::media
