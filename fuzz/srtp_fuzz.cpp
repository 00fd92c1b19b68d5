// SPDX-License-Identifier: Apache-2.0
// The first byte chooses profile and kind; the rest is a packet. As something received it must be
// refused, and as something to send it must come back as it was.
#include "base/ensure.hpp"
#include "rtp/limits.hpp"
#include "rtp/srtp_protector.hpp"
#include "rtp/srtp_unprotector.hpp"

#include <algorithm>
#include <cstdint>

using namespace patchbay;

namespace {

rtp::SrtpKey key(rtp::SrtpProfile profile) {
    const rtp::SrtpLengths lengths = rtp::lengths_of(profile);
    return {profile, Secret(Bytes(lengths.key + lengths.salt, 0x5A))};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const auto profile = static_cast<rtp::SrtpProfile>(data[0] & 3);
    const bool rtcp = (data[0] & 4) != 0;
    const Bytes packet(data + 1, data + size);

    auto receiver = rtp::SrtpUnprotector::make(key(profile)).value();
    Bytes received = packet;
    PB_ENSURE(!(rtcp ? receiver.unprotect_rtcp(received) : receiver.unprotect_rtp(received)));

    auto sender = rtp::SrtpProtector::make(key(profile)).value();
    Bytes buffer = packet;
    buffer.resize(packet.size() + rtp::limits::kSrtpOverhead);
    const auto sealed = rtcp ? sender.protect_rtcp(buffer, packet.size())
                             : sender.protect_rtp(buffer, packet.size());
    if (!sealed) {
        return 0;
    }
    const std::span<std::uint8_t> wire(buffer.data(), sealed->size());
    const auto opened = rtcp ? receiver.unprotect_rtcp(wire) : receiver.unprotect_rtp(wire);
    PB_ENSURE(opened && std::ranges::equal(*opened, packet));
    return 0;
}
