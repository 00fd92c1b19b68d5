// SPDX-License-Identifier: Apache-2.0
#include "app/sip/stun_keep_alive.hpp"

#include "webrtc/stun/message.hpp"
#include "webrtc/stun/writer.hpp"

#include <algorithm>
#include <array>

namespace patchbay::app {
namespace {

// RFC 8489 5: two zero bits and the magic cookie. The first byte alone does not tell: line breaks
// may come before a SIP message (RFC 3261 7.5).
bool may_be_stun(ByteView datagram) {
    constexpr std::array<std::uint8_t, 4> kMagicCookie{0x21, 0x12, 0xA4, 0x42};
    return datagram.size() >= 20 && datagram[0] < 0x40 &&
           std::ranges::equal(datagram.subspan(4, kMagicCookie.size()), kMagicCookie);
}

// Some phones send one or two CRLF, some a NUL.
bool is_padding(ByteView datagram) {
    constexpr std::size_t kLongest = 4;
    return datagram.size() <= kLongest && std::ranges::all_of(datagram, [](std::uint8_t byte) {
               return byte == '\r' || byte == '\n' || byte == 0;
           });
}

}  // namespace

bool is_keep_alive(ByteView datagram) {
    return datagram.empty() || is_padding(datagram) || may_be_stun(datagram);
}

std::optional<Bytes> answer_keep_alive(ByteView datagram, const SocketAddress& from) {
    const auto message = webrtc::StunMessage::parse(datagram);
    if (!message || message->message_class() != webrtc::StunClass::Request ||
        message->method() != webrtc::StunMethod::Binding) {
        return std::nullopt;
    }
    const auto unknown = message->unknown({});
    if (!unknown.empty()) {
        webrtc::StunWriter refusal(webrtc::StunClass::Error, webrtc::StunMethod::Binding,
                                   message->transaction());
        return refusal.error(420).unknown_attributes(unknown).finish();
    }
    webrtc::StunWriter answer(webrtc::StunClass::Success, webrtc::StunMethod::Binding,
                              message->transaction());
    return answer.address(webrtc::StunAttribute::XorMappedAddress, from).finish();
}

}  // namespace patchbay::app
