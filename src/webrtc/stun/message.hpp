// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "webrtc/stun/attribute.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace patchbay::webrtc {

using TransactionId = std::array<std::uint8_t, 12>;

TransactionId make_transaction_id(Random& random);

struct StunError {
    int code = 0;  // 300 to 699
    std::string_view reason;
};

// A received STUN message (RFC 8489): a view of the datagram, which must outlive it.
//
// parse() is strict. The header must be that of RFC 8489 with the magic cookie, its length must be
// the datagram's, every attribute must fit, and a FINGERPRINT must be right and come last. What
// stands behind MESSAGE-INTEGRITY is not authenticated and therefore not seen (RFC 8489 14.5). Of
// an attribute that is there twice the first counts. Whether the message is authentic is another
// question: ask verify().
class StunMessage {
  public:
    static Result<StunMessage> parse(ByteView datagram);

    StunClass message_class() const { return class_; }
    StunMethod method() const { return method_; }
    const TransactionId& transaction() const { return transaction_; }

    bool has(StunAttribute type) const { return find(type).has_value(); }
    std::optional<ByteView> find(StunAttribute type) const;
    // These fail with NotFound when the attribute is absent, Malformed when its length is wrong.
    Result<std::string_view> text(StunAttribute type, std::size_t longest) const;
    Result<std::uint32_t> number(StunAttribute type) const;
    Result<std::uint64_t> long_number(StunAttribute type) const;
    // Unmasks the XOR- attributes (RFC 8489 14.2).
    Result<SocketAddress> address(StunAttribute type) const;
    Result<StunError> error() const;

    bool has_fingerprint() const { return has_fingerprint_; }
    bool has_integrity() const { return integrity_at_.has_value(); }
    // NotFound without MESSAGE-INTEGRITY, Unauthorized when another key made it.
    Result<void> verify(ByteView key) const;

    // Attributes that must be understood and are not in the list (RFC 8489 6.3.1).
    std::vector<StunAttribute> unknown(std::initializer_list<StunAttribute> known) const;

  private:
    struct Attribute {
        StunAttribute type;
        std::size_t at;  // of its header
        ByteView value;
    };

    explicit StunMessage(ByteView datagram) : datagram_(datagram) {}

    Result<void> read_header();
    Result<void> read_attributes();
    Result<Attribute> attribute_at(std::size_t at) const;
    Result<void> take(const Attribute& attribute);
    Result<ByteView> exactly(StunAttribute type, std::size_t size) const;

    ByteView datagram_;
    StunClass class_ = StunClass::Request;
    StunMethod method_ = StunMethod::Binding;
    TransactionId transaction_{};
    std::size_t seen_until_ = 0;  // the attributes that count end here
    std::optional<std::size_t> integrity_at_;
    bool has_fingerprint_ = false;
};

}  // namespace patchbay::webrtc
