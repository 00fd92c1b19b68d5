// SPDX-License-Identifier: Apache-2.0
#include "webrtc/stun/writer.hpp"

#include "webrtc/stun/integrity.hpp"
#include "webrtc/stun/xor_address.hpp"

namespace patchbay::webrtc {
namespace {

// RFC 8489 5, figure 3.
std::uint16_t message_type(StunClass message_class, StunMethod method) {
    const auto m = static_cast<unsigned>(method);
    const auto c = static_cast<unsigned>(message_class);
    return static_cast<std::uint16_t>((m & 0x000FU) | ((m & 0x0070U) << 1U) |
                                      ((m & 0x0F80U) << 2U) | ((c & 1U) << 4U) | ((c & 2U) << 7U));
}

}  // namespace

StunWriter::StunWriter(StunClass message_class, StunMethod method, const TransactionId& transaction)
    : transaction_(transaction) {
    out_.u16(message_type(message_class, method));
    out_.u16(0);
    out_.u32(kStunMagicCookie);
    out_.bytes(transaction);
}

StunWriter& StunWriter::bytes(StunAttribute type, ByteView value) {
    out_.u16(static_cast<std::uint16_t>(type));
    out_.u16(static_cast<std::uint16_t>(value.size()));
    out_.bytes(value);
    while (out_.size() % 4 != 0) {
        out_.u8(0);
    }
    return *this;
}

StunWriter& StunWriter::number(StunAttribute type, std::uint32_t value) {
    std::array<std::uint8_t, 4> field{};
    store_be32(field.data(), value);
    return bytes(type, field);
}

StunWriter& StunWriter::long_number(StunAttribute type, std::uint64_t value) {
    std::array<std::uint8_t, 8> field{};
    store_be64(field.data(), value);
    return bytes(type, field);
}

StunWriter& StunWriter::address(StunAttribute type, const SocketAddress& address) {
    return bytes(type, write_stun_address(type, address, transaction_));
}

StunWriter& StunWriter::error(int code, std::string_view reason) {
    Bytes value = {0, 0, static_cast<std::uint8_t>(code / 100),
                   static_cast<std::uint8_t>(code % 100)};
    const ByteView phrase = as_bytes(reason);
    value.insert(value.end(), phrase.begin(), phrase.end());
    return bytes(StunAttribute::ErrorCode, value);
}

StunWriter& StunWriter::unknown_attributes(const std::vector<StunAttribute>& types) {
    ByteWriter list;
    for (const StunAttribute type : types) {
        list.u16(static_cast<std::uint16_t>(type));
    }
    return bytes(StunAttribute::UnknownAttributes, list.view());
}

void StunWriter::set_length(std::size_t more) {
    out_.set_u16(2, static_cast<std::uint16_t>(out_.size() - kStunHeaderSize + more));
}

Bytes StunWriter::finish() {
    set_length(kStunAttributeHeaderSize + kStunFingerprintSize);
    number(StunAttribute::Fingerprint, stun_fingerprint(out_.view()));
    return out_.take();
}

Bytes StunWriter::finish(ByteView key) {
    bytes(StunAttribute::MessageIntegrity, stun_integrity(out_.view(), key));
    return finish();
}

}  // namespace patchbay::webrtc
