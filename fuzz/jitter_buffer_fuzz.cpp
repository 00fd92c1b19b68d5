// SPDX-License-Identifier: Apache-2.0
// The fuzzer plays network and clock: each step of four bytes either lets a packet arrive, moves
// time, or takes a slot. Whatever it does, a slot has a length, packets come out at most once, and
// the counts add up.
#include "rtp/jitter_buffer.hpp"

#include "base/ensure.hpp"

#include <cstdint>

using namespace patchbay;

namespace {

class Player {
  public:
    void step(const std::uint8_t* bytes) {
        const auto value = static_cast<std::int16_t>(load_be16(bytes + 1));
        switch (bytes[0] % 8) {
            case 0: now_ += Milliseconds(bytes[3]); break;
            case 1: header_.ssrc = rtp::Ssrc(bytes[3] % 3); break;
            case 2: header_.timestamp += static_cast<std::uint32_t>(value) * bytes[3]; break;
            case 3: insert_other(value); break;
            case 4:
            case 5: insert(value % 70, bytes[3]); break;
            default: take(bytes[3]); break;
        }
    }

  private:
    rtp::RtpHeader shifted(int by) const {
        rtp::RtpHeader header = header_;
        header.sequence = static_cast<std::uint16_t>(header.sequence + by);
        header.timestamp += static_cast<std::uint32_t>(by) * 160;
        return header;
    }

    void insert(int by, std::uint8_t length) {
        const Bytes payload(length, 1);
        queued_ += buffer_.insert(now_, shifted(by), payload, std::uint32_t{length} * 8) ==
                           rtp::JitterBuffer::Insertion::Queued
                       ? 1U
                       : 0U;
        header_ = shifted(1);
    }

    void insert_other(int by) { buffer_.insert_other(shifted(by)); }

    void take(std::uint8_t loudness) {
        const rtp::Slot slot =
            buffer_.take(now_, loudness % 2 == 0 ? rtp::JitterBuffer::Loudness::Quiet
                                                 : rtp::JitterBuffer::Loudness::Loud);
        PB_ENSURE(slot.duration > 0 && slot.duration <= 1600);
        for (const std::uint8_t byte : slot.payload) {
            PB_ENSURE(byte == 1);
        }
        const auto& statistics = buffer_.statistics();
        PB_ENSURE(statistics.played + statistics.skipped <= queued_);
    }

    Instant now_{Seconds(1000)};
    rtp::RtpHeader header_;
    rtp::JitterBuffer buffer_{{.clock_rate = 8000, .delay = {}}};
    std::uint64_t queued_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Player player;
    for (std::size_t at = 0; at + 4 <= size; at += 4) {
        player.step(data + at);
    }
    return 0;
}
