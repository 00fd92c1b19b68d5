// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "webrtc/stun/message.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace patchbay::webrtc {

// Writes one STUN message. Attributes stand in the order of the calls; finish() adds integrity and
// fingerprint and gives the message away.
class StunWriter {
  public:
    StunWriter(StunClass message_class, StunMethod method, const TransactionId& transaction);

    StunWriter& bytes(StunAttribute type, ByteView value);
    StunWriter& flag(StunAttribute type) { return bytes(type, {}); }
    StunWriter& text(StunAttribute type, std::string_view value) {
        return bytes(type, as_bytes(value));
    }
    StunWriter& number(StunAttribute type, std::uint32_t value);
    StunWriter& long_number(StunAttribute type, std::uint64_t value);
    StunWriter& address(StunAttribute type, const SocketAddress& address);
    StunWriter& error(int code, std::string_view reason = {});
    StunWriter& unknown_attributes(const std::vector<StunAttribute>& types);

    // With FINGERPRINT; with a key also with MESSAGE-INTEGRITY.
    Bytes finish();
    Bytes finish(ByteView key);

  private:
    void set_length(std::size_t more = 0);

    ByteWriter out_;
    TransactionId transaction_;
};

}  // namespace patchbay::webrtc
