// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "rtp/limits.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace patchbay::rtp {

// The packets that wait for their turn, by sequence number (unwrapped), and which numbers have had
// it. A window of limits::kJitterSlots numbers: one that runs ahead of it pushes the oldest out. It
// knows no time. Payload memory is kept from packet to packet.
class PacketWindow {
  public:
    struct Packet {
        std::int64_t sequence = 0;
        std::int64_t timestamp = 0;  // unwrapped
        std::uint32_t duration = 0;  // ticks
        std::uint8_t payload_type = 0;
        bool audio = false;  // false: holds a number only
    };
    enum class Storing : std::uint8_t { Stored, Duplicate, Late };

    // Forgets all; numbers up to `last_used` count as used up.
    void clear(std::int64_t last_used);

    Storing store(const Packet& packet, ByteView payload);
    bool had(std::int64_t sequence) const;

    // The waiting packet with the lowest number; null when none waits. Valid until the next
    // store().
    const Packet* first() const;
    // Its bytes stay until a store() needs their place.
    ByteView payload_of(const Packet& packet) const;
    // Uses up its number and all before it.
    void use(const Packet& packet);

    std::size_t size() const { return waiting_; }
    std::int64_t last_used() const { return last_used_; }
    // Packets pushed out unused since the beginning.
    std::uint64_t pushed_out() const { return pushed_out_; }

  private:
    struct Place {
        Packet packet{.sequence = std::numeric_limits<std::int64_t>::min()};
        bool waiting = false;
        Bytes payload;
    };

    Place& place_of(std::int64_t sequence) {
        return places_[static_cast<std::uint64_t>(sequence) % places_.size()];
    }
    const Place& place_of(std::int64_t sequence) const {
        return places_[static_cast<std::uint64_t>(sequence) % places_.size()];
    }
    void make_room_for(std::int64_t sequence);

    std::array<Place, limits::kJitterSlots> places_;
    std::int64_t last_used_ = 0;
    std::size_t waiting_ = 0;
    std::uint64_t pushed_out_ = 0;
};

}  // namespace patchbay::rtp
