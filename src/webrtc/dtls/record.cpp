// SPDX-License-Identifier: Apache-2.0
#include "webrtc/dtls/record.hpp"

namespace patchbay::webrtc {
namespace {

constexpr std::size_t kRecordHeader = 13;
constexpr std::uint8_t kAlert = 21;

}  // namespace

Bytes without_plain_alerts(ByteView datagram) {
    Bytes kept;
    kept.reserve(datagram.size());
    while (!datagram.empty()) {
        if (datagram.size() < kRecordHeader) {
            return {};
        }
        const std::size_t size = kRecordHeader + load_be16(datagram.data() + 11);
        if (size > datagram.size()) {
            return {};
        }
        const bool plain_alert = datagram[0] == kAlert && load_be16(datagram.data() + 3) == 0;
        if (!plain_alert) {
            kept.insert(kept.end(), datagram.begin(), datagram.begin() + static_cast<long>(size));
        }
        datagram = datagram.subspan(size);
    }
    return kept;
}

}  // namespace patchbay::webrtc
