// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "speech/socket_target.hpp"

#include <cstdint>
#include <span>
#include <string>

// What an engine that hears audio for a provider on the network asks of the connection that it is
// given, and how it is told that the connection is gone.
namespace patchbay::speech {

struct OpenStream {
    SocketTarget target;
};
struct SendStreamText {
    std::string text;
};
struct SendStreamAudio {
    Bytes bytes;  // s16le
};
struct CloseStream {};

struct StreamClosure {
    std::string why;
    int status = 0;  // of the HTTP answer that was no upgrade; 0: none

    // What the request got wrong stays wrong: another attempt would end in the same way.
    bool is_final() const;
};

Bytes to_little_endian(std::span<const std::int16_t> samples);

}  // namespace patchbay::speech
