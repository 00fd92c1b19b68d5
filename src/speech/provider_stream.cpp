// SPDX-License-Identifier: Apache-2.0
#include "speech/provider_stream.hpp"

namespace patchbay::speech {

bool StreamClosure::is_final() const {
    constexpr int kTooManyRequests = 429;
    constexpr int kRequestTimeout = 408;
    return status >= 400 && status < 500 && status != kTooManyRequests && status != kRequestTimeout;
}

Bytes to_little_endian(std::span<const std::int16_t> samples) {
    Bytes out;
    out.reserve(samples.size() * sizeof(std::int16_t));
    for (const std::int16_t sample : samples) {
        const auto bits = static_cast<std::uint16_t>(sample);
        out.push_back(static_cast<std::uint8_t>(bits & 0xff));
        out.push_back(static_cast<std::uint8_t>(bits >> 8));
    }
    return out;
}

}  // namespace patchbay::speech
