// SPDX-License-Identifier: Apache-2.0
#include "rtp/packet_window.hpp"

#include <algorithm>

namespace patchbay::rtp {

void PacketWindow::clear(std::int64_t last_used) {
    for (Place& place : places_) {
        place.packet = Place{}.packet;
        place.waiting = false;
    }
    last_used_ = last_used;
    waiting_ = 0;
}

bool PacketWindow::had(std::int64_t sequence) const {
    return place_of(sequence).packet.sequence == sequence;
}

PacketWindow::Storing PacketWindow::store(const Packet& packet, ByteView payload) {
    if (had(packet.sequence)) {
        return Storing::Duplicate;
    }
    if (packet.sequence <= last_used_) {
        return Storing::Late;
    }
    make_room_for(packet.sequence);
    Place& place = place_of(packet.sequence);
    place.packet = packet;
    // The memory of the packet that was used last is free now: so a stream in order lives in that
    // of the few packets that wait, and not of the whole window.
    Place& used = place_of(last_used_);
    if (place.payload.capacity() == 0 && !used.waiting) {
        place.payload.swap(used.payload);
    }
    place.payload.assign(payload.begin(), payload.end());
    place.waiting = true;
    ++waiting_;
    return Storing::Stored;
}

void PacketWindow::make_room_for(std::int64_t sequence) {
    const std::int64_t oldest = sequence - static_cast<std::int64_t>(places_.size()) + 1;
    if (oldest <= last_used_ + 1) {
        return;
    }
    last_used_ = oldest - 1;
    for (Place& place : places_) {
        if (place.waiting && place.packet.sequence < oldest) {
            place.waiting = false;
            --waiting_;
            ++pushed_out_;
        }
    }
}

const PacketWindow::Packet* PacketWindow::first() const {
    if (waiting_ == 0) {
        return nullptr;
    }
    std::int64_t sequence = last_used_ + 1;
    while (!place_of(sequence).waiting) {
        ++sequence;
    }
    return &place_of(sequence).packet;
}

ByteView PacketWindow::payload_of(const Packet& packet) const {
    return place_of(packet.sequence).payload;
}

void PacketWindow::use(const Packet& packet) {
    place_of(packet.sequence).waiting = false;
    last_used_ = packet.sequence;
    --waiting_;
}

}  // namespace patchbay::rtp
