// SPDX-License-Identifier: Apache-2.0
#include "webrtc/turn/stream.hpp"

#include <algorithm>
#include <cstddef>

namespace patchbay::webrtc {
namespace {

constexpr std::size_t kPrefix = 4;       // up to the length, of both kinds
constexpr std::size_t kStunHeader = 20;  // RFC 8489 5

constexpr std::size_t padded(std::size_t size) {
    return (size + 3) / 4 * 4;
}

// RFC 8656 12: the first two bits tell them apart.
bool is_stun(std::uint8_t first) {
    return (first & 0xC0U) == 0;
}
bool is_channel_data(std::uint8_t first) {
    return (first & 0xC0U) == 0x40U;
}

}  // namespace

Result<std::vector<Bytes>> TurnStream::feed(ByteView bytes) {
    rest_.insert(rest_.end(), bytes.begin(), bytes.end());
    std::vector<Bytes> messages;
    std::size_t at = 0;
    while (rest_.size() - at >= kPrefix) {
        const std::uint8_t* begin = rest_.data() + at;
        if (!is_stun(*begin) && !is_channel_data(*begin)) {
            return fail(Errc::Malformed, "TURN stream");
        }
        const std::size_t length = load_be16(begin + 2);
        const std::size_t size = is_stun(*begin) ? kStunHeader + length : kPrefix + length;
        if (rest_.size() - at < padded(size)) {
            break;
        }
        messages.emplace_back(begin, begin + size);
        at += padded(size);
    }
    rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(at));
    return messages;
}

void pad_for_stream(Bytes& message) {
    if (!message.empty() && is_channel_data(message.front())) {
        message.resize(padded(message.size()));
    }
}

}  // namespace patchbay::webrtc
