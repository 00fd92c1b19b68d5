// SPDX-License-Identifier: Apache-2.0
#include "webrtc/stun/message.hpp"

#include "base/text.hpp"
#include "webrtc/limits.hpp"
#include "webrtc/stun/integrity.hpp"
#include "webrtc/stun/xor_address.hpp"

#include <algorithm>

namespace patchbay::webrtc {
namespace {

constexpr std::size_t padded(std::size_t size) {
    return (size + 3) & ~std::size_t{3};
}

// RFC 8489 5: two bits of the class stand between the bits of the method.
constexpr StunClass class_of(std::uint16_t type) {
    return static_cast<StunClass>(((type >> 7U) & 2U) | ((type >> 4U) & 1U));
}
constexpr StunMethod method_of(std::uint16_t type) {
    return static_cast<StunMethod>((type & 0x000FU) | ((type >> 1U) & 0x0070U) |
                                   ((type >> 2U) & 0x0F80U));
}

}  // namespace

TransactionId make_transaction_id(Random& random) {
    TransactionId id{};
    random.fill(id);
    return id;
}

Result<StunMessage> StunMessage::parse(ByteView datagram) {
    StunMessage message(datagram);
    PB_CHECK(message.read_header());
    PB_CHECK(message.read_attributes());
    return message;
}

Result<void> StunMessage::read_header() {
    if (datagram_.size() < kStunHeaderSize || datagram_.size() > limits::kStunMessage) {
        return fail(Errc::Malformed, "STUN length");
    }
    const std::uint16_t type = load_be16(datagram_.data());
    const std::size_t length = load_be16(datagram_.data() + 2);
    if ((type & 0xC000U) != 0 || load_be32(datagram_.data() + 4) != kStunMagicCookie) {
        return fail(Errc::Malformed, "STUN header");
    }
    if (length % 4 != 0 || length + kStunHeaderSize != datagram_.size()) {
        return fail(Errc::Malformed, "STUN length", static_cast<std::int64_t>(length));
    }
    class_ = class_of(type);
    method_ = method_of(type);
    std::ranges::copy(datagram_.subspan(8, transaction_.size()), transaction_.begin());
    return {};
}

Result<void> StunMessage::read_attributes() {
    seen_until_ = datagram_.size();
    std::size_t at = kStunHeaderSize;
    for (std::size_t count = 0; at < datagram_.size(); ++count) {
        if (count == limits::kStunAttributes) {
            return fail(Errc::TooLarge, "STUN attributes");
        }
        PB_TRY(const Attribute attribute, attribute_at(at));
        PB_CHECK(take(attribute));
        at += kStunAttributeHeaderSize + padded(attribute.value.size());
    }
    return {};
}

Result<StunMessage::Attribute> StunMessage::attribute_at(std::size_t at) const {
    const auto fault = static_cast<std::int64_t>(at);
    const std::size_t left = datagram_.size() - at;
    if (left < kStunAttributeHeaderSize) {
        return fail(Errc::Malformed, "STUN attribute", fault);
    }
    const std::size_t size = load_be16(datagram_.data() + at + 2);
    if (padded(size) > left - kStunAttributeHeaderSize) {
        return fail(Errc::Malformed, "STUN attribute", fault);
    }
    return Attribute{static_cast<StunAttribute>(load_be16(datagram_.data() + at)), at,
                     datagram_.subspan(at + kStunAttributeHeaderSize, size)};
}

Result<void> StunMessage::take(const Attribute& attribute) {
    if (attribute.type == StunAttribute::Fingerprint) {
        const bool last = attribute.at + 8 == datagram_.size();
        if (!last || attribute.value.size() != kStunFingerprintSize ||
            load_be32(attribute.value.data()) !=
                stun_fingerprint(datagram_.subspan(0, attribute.at))) {
            return fail(Errc::Malformed, "STUN fingerprint");
        }
        has_fingerprint_ = true;
        seen_until_ = std::min(seen_until_, attribute.at);
    }
    if (attribute.type == StunAttribute::MessageIntegrity && !integrity_at_) {
        if (attribute.value.size() != kStunIntegritySize) {
            return fail(Errc::Malformed, "MESSAGE-INTEGRITY");
        }
        integrity_at_ = attribute.at;
        seen_until_ = attribute.at;
    }
    return {};
}

std::optional<ByteView> StunMessage::find(StunAttribute type) const {
    for (std::size_t at = kStunHeaderSize; at < seen_until_;) {
        const auto attribute = attribute_at(at);
        if (!attribute) {
            return std::nullopt;
        }
        if (attribute->type == type) {
            return attribute->value;
        }
        at += kStunAttributeHeaderSize + padded(attribute->value.size());
    }
    return std::nullopt;
}

Result<ByteView> StunMessage::exactly(StunAttribute type, std::size_t size) const {
    const auto value = find(type);
    if (!value) {
        return fail(Errc::NotFound, "STUN attribute", static_cast<std::int64_t>(type));
    }
    if (value->size() != size) {
        return fail(Errc::Malformed, "STUN attribute", static_cast<std::int64_t>(type));
    }
    return *value;
}

Result<std::string_view> StunMessage::text(StunAttribute type, std::size_t longest) const {
    const auto value = find(type);
    if (!value) {
        return fail(Errc::NotFound, "STUN attribute", static_cast<std::int64_t>(type));
    }
    if (value->size() > longest) {
        return fail(Errc::TooLarge, "STUN attribute", static_cast<std::int64_t>(type));
    }
    return as_text(*value);
}

Result<std::uint32_t> StunMessage::number(StunAttribute type) const {
    PB_TRY(const ByteView value, exactly(type, 4));
    return load_be32(value.data());
}

Result<std::uint64_t> StunMessage::long_number(StunAttribute type) const {
    PB_TRY(const ByteView value, exactly(type, 8));
    return load_be64(value.data());
}

Result<SocketAddress> StunMessage::address(StunAttribute type) const {
    const auto value = find(type);
    if (!value) {
        return fail(Errc::NotFound, "STUN address", static_cast<std::int64_t>(type));
    }
    return read_stun_address(type, *value, transaction_);
}

Result<StunError> StunMessage::error() const {
    const auto value = find(StunAttribute::ErrorCode);
    if (!value || value->size() < 4 || value->size() > 4 + limits::kStunText) {
        return fail(Errc::Malformed, "ERROR-CODE");
    }
    const int hundreds = (*value)[2] & 7;
    const int rest = (*value)[3];
    if (hundreds < 3 || hundreds > 6 || rest > 99) {  // RFC 8489 14.8
        return fail(Errc::OutOfRange, "ERROR-CODE");
    }
    return StunError{hundreds * 100 + rest, as_text(value->subspan(4))};
}

Result<void> StunMessage::verify(ByteView key) const {
    if (!integrity_at_) {
        return fail(Errc::NotFound, "MESSAGE-INTEGRITY");
    }
    const ByteView covered = datagram_.subspan(0, *integrity_at_);
    const StunIntegrity expected = stun_integrity(covered, key);
    const ByteView given =
        datagram_.subspan(*integrity_at_ + kStunAttributeHeaderSize, kStunIntegritySize);
    if (!equals_in_constant_time(as_text(expected), as_text(given))) {
        return fail(Errc::Unauthorized, "MESSAGE-INTEGRITY");
    }
    return {};
}

std::vector<StunAttribute> StunMessage::unknown(std::initializer_list<StunAttribute> known) const {
    std::vector<StunAttribute> unknown;
    for (std::size_t at = kStunHeaderSize; at < seen_until_;) {
        const auto attribute = attribute_at(at);
        if (!attribute) {
            break;
        }
        const bool required = static_cast<std::uint16_t>(attribute->type) < 0x8000;
        if (required && std::ranges::find(known, attribute->type) == known.end()) {
            unknown.push_back(attribute->type);
        }
        at += kStunAttributeHeaderSize + padded(attribute->value.size());
    }
    return unknown;
}

}  // namespace patchbay::webrtc
