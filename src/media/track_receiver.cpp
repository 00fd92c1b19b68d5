// SPDX-License-Identifier: Apache-2.0
#include "media/track_receiver.hpp"

#include "base/ensure.hpp"
#include "media/level.hpp"
#include "media/limits.hpp"
#include "media/time_stretch.hpp"
#include "rtp/sequence.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::media {
namespace {

using rtp::Slot;
using Loudness = rtp::JitterBuffer::Loudness;

// Below this a packet that is left out or stretched is not heard: room noise, pauses in speech.
constexpr double kQuiet = -45;

// Opus carries in each packet a copy of the one before it, which is of use only when play-out is at
// least a packet behind.
constexpr Milliseconds kDelayForCopies{25};

// The clock says which it is: nothing but Opus counts at 48000 on a telephone.
constexpr int kOpusClock = 48'000;

rtp::JitterBuffer::Config buffer_config(int clock_rate) {
    rtp::JitterBuffer::Config config{.clock_rate = static_cast<std::uint32_t>(clock_rate),
                                     .delay = {}};
    if (clock_rate == kOpusClock) {
        config.delay.minimum = kDelayForCopies;
    }
    return config;
}

// Made for the first sound: of a call that is relayed as it is, none is ever queued.
std::span<std::int16_t> room_behind(std::vector<std::int16_t>& ready, std::size_t queued) {
    if (ready.empty()) {
        ready.resize(kFrameSamples + samples_in(kMaxPacketTime) + longest_shift(kSampleRate) + 1);
    }
    return std::span(ready).subspan(queued);
}

void drop_undecodable(std::vector<ReceiveFormat>& formats) {
    std::erase_if(formats, [](const ReceiveFormat& format) { return format.codec.is_opaque(); });
}

}  // namespace

Result<TrackReceiver> TrackReceiver::make(std::vector<ReceiveFormat> formats) {
    drop_undecodable(formats);
    if (formats.empty()) {
        return fail(Errc::Unsupported, "codec");
    }
    TrackReceiver receiver(std::move(formats));
    // Early, so that what cannot be served is said while the description can still be refused.
    PB_TRY(receiver.entries_.front().chain,
           DecodingChain::make(receiver.entries_.front().format.codec));
    receiver.active_ = receiver.entries_.front().chain.get();
    return receiver;
}

TrackReceiver::TrackReceiver(std::vector<ReceiveFormat> formats)
    : clock_rate_(formats.front().codec.clock_rate) {
    for (const ReceiveFormat& format : formats) {
        entries_.push_back({.format = format, .current = true, .chain = nullptr});
    }
}

Result<void> TrackReceiver::set_formats(std::vector<ReceiveFormat> formats) {
    drop_undecodable(formats);
    if (formats.empty()) {
        return fail(Errc::Unsupported, "codec");
    }
    std::vector<Entry> next;
    for (const ReceiveFormat& format : formats) {
        const auto known = std::ranges::find(entries_, format, &Entry::format);
        auto chain = known == entries_.end() ? nullptr : std::move(known->chain);
        next.push_back({.format = format, .current = true, .chain = std::move(chain)});
    }
    if (next.front().chain == nullptr) {
        PB_TRY(next.front().chain, DecodingChain::make(next.front().format.codec));
    }
    for (Entry& entry : entries_) {
        const bool taken = std::ranges::any_of(next, [&](const Entry& other) {
            return other.format.payload_type == entry.format.payload_type;
        });
        if (entry.current && !taken) {
            entry.current = false;
            next.push_back(std::move(entry));
        }
    }
    entries_ = std::move(next);
    active_ = entries_.front().chain.get();
    return {};
}

TrackReceiver::Entry* TrackReceiver::find(std::uint8_t payload_type) {
    const auto found = std::ranges::find_if(
        entries_, [&](const Entry& entry) { return entry.format.payload_type == payload_type; });
    return found == entries_.end() ? nullptr : &*found;
}

bool TrackReceiver::knows(std::uint8_t payload_type) const {
    return std::ranges::any_of(
        entries_, [&](const Entry& entry) { return entry.format.payload_type == payload_type; });
}

DecodingChain* TrackReceiver::chain_of(std::uint8_t payload_type) {
    Entry* const entry = find(payload_type);
    if (entry == nullptr) {
        return nullptr;
    }
    if (entry->chain == nullptr) {
        if (auto chain = DecodingChain::make(entry->format.codec)) {
            entry->chain = std::move(*chain);
        }
    }
    return entry->chain.get();
}

DecodingChain& TrackReceiver::active() {
    if (active_ == nullptr) {
        active_ = chain_of(entries_.front().format.payload_type);
        PB_ENSURE(active_ != nullptr);  // it could be made before
    }
    return *active_;
}

rtp::JitterBuffer& TrackReceiver::buffer() {
    if (buffer_ == nullptr) {
        buffer_ = std::make_unique<rtp::JitterBuffer>(buffer_config(clock_rate_));
    }
    return *buffer_;
}

// RFC 7160: timestamps of two clocks cannot be put in one order.
void TrackReceiver::enter_clock(int clock_rate) {
    if (clock_rate == clock_rate_) {
        return;
    }
    clock_rate_ = clock_rate;
    buffer().reset(buffer_config(clock_rate));
    noise_since_.reset();
}

void TrackReceiver::handle_audio(Instant now, const rtp::RtpPacketView& packet) {
    DecodingChain* const chain = chain_of(packet.header.payload_type);
    const std::uint32_t ticks = chain == nullptr ? 0 : chain->ticks_of(packet.payload);
    if (ticks == 0) {
        buffer().insert_other(packet.header);
        return;
    }
    const int clock_rate = find(packet.header.payload_type)->format.codec.clock_rate;
    if (clock_rate != clock_rate_) {
        enter_clock(clock_rate);
        active_ = chain;
    }
    buffer().insert(now, packet.header, packet.payload, ticks);
}

void TrackReceiver::handle_comfort_noise(const rtp::RtpPacketView& packet) {
    buffer().insert_other(packet.header);
    if (const auto description = NoiseDescription::parse(packet.payload)) {
        noise_.set(*description);
        noise_since_ = packet.header.timestamp;
    }
}

void TrackReceiver::handle_other(const rtp::RtpHeader& header) {
    buffer().insert_other(header);
}

void TrackReceiver::rest() {
    buffer_.reset();
    for (Entry& entry : entries_) {
        entry.chain.reset();
    }
    active_ = nullptr;
    ready_ = {};
    queued_ = 0;
    noise_since_.reset();
    last_origin_ = FrameOrigin::Silence;
}

rtp::JitterBuffer::Statistics TrackReceiver::statistics() const {
    return buffer_ ? buffer_->statistics() : rtp::JitterBuffer::Statistics{};
}

FrameOrigin TrackReceiver::read(Instant now, Frame& out) {
    frame_origin_ = queued_ > 0 ? last_origin_ : FrameOrigin::Silence;
    while (queued_ < out.size()) {
        play(buffer().take(now, loudness_));
    }
    take_frame(&out);
    return frame_origin_;
}

void TrackReceiver::skip(Instant now) {
    while (queued_ < kFrameSamples) {
        // Nobody listens, so any correction of the delay goes unnoticed.
        const Slot slot = buffer().take(now, Loudness::Quiet);
        PB_ENSURE(slot.duration > 0);
        if (slot.kind != Slot::Kind::Skipped) {
            queue_silence(slot.duration);
        }
    }
    take_frame(nullptr);
    last_origin_ = FrameOrigin::Silence;
}

bool TrackReceiver::read_arrived(Instant now, Frame& out) {
    while (queued_ < out.size()) {
        const auto slot = buffer().take_arrived(now);
        if (!slot) {
            return false;
        }
        play(*slot);
    }
    take_frame(&out);
    return true;
}

void TrackReceiver::read_pause(Frame& out) {
    const auto ticks = static_cast<std::uint32_t>(samples_in(kFrameTime, clock_rate_));
    while (queued_ < out.size()) {
        play_empty({.kind = Slot::Kind::Empty, .duration = ticks});
    }
    take_frame(&out);
}

void TrackReceiver::take_frame(Frame* out) {
    if (out != nullptr) {
        std::copy_n(ready_.begin(), kFrameSamples, out->begin());
    }
    queued_ -= kFrameSamples;
    std::copy_n(ready_.begin() + kFrameSamples, queued_, ready_.begin());
}

void TrackReceiver::play(const Slot& slot) {
    PB_ENSURE(slot.duration > 0);
    switch (slot.kind) {
        case Slot::Kind::Packet:
        case Slot::Kind::Skipped: play_packet(slot); return;
        case Slot::Kind::Lost:
            queue(active().conceal(slot.duration, slot.payload));
            note_origin(FrameOrigin::Concealed);
            return;
        case Slot::Kind::Stretched:
            queue(active().stretch(slot.duration));
            note_origin(FrameOrigin::Concealed);
            return;
        case Slot::Kind::Empty: play_empty(slot); return;
    }
}

void TrackReceiver::play_packet(const Slot& slot) {
    DecodingChain* const chain = chain_of(slot.payload_type);
    if (noise_since_ && rtp::timestamp_distance(*noise_since_, slot.timestamp) > 0) {
        noise_since_.reset();
    }
    if (slot.kind == Slot::Kind::Skipped) {
        if (chain != nullptr) {
            chain->leave_out(slot.payload);
            active_ = chain;
        }
        return;
    }
    const auto decoded =
        chain == nullptr ? std::span<const std::int16_t>() : chain->decode(slot.payload);
    active_ = decoded.empty() ? active_ : chain;
    if (decoded.empty()) {  // of a format that is gone, or damaged
        queue(active().conceal(slot.duration, {}));
        note_origin(FrameOrigin::Concealed);
        return;
    }
    loudness_ = rms_level(decoded) < kQuiet ? Loudness::Quiet : Loudness::Loud;
    queue(decoded);
    note_origin(FrameOrigin::Received);
}

void TrackReceiver::play_empty(const Slot& slot) {
    queue(noise_since_ ? active().noise(slot.duration, noise_) : active().silence(slot.duration));
    loudness_ = Loudness::Quiet;
    note_origin(FrameOrigin::Silence);
}

void TrackReceiver::queue(std::span<const std::int16_t> decoded) {
    queued_ += active().resample(decoded, room_behind(ready_, queued_));
}

void TrackReceiver::queue_silence(std::uint32_t ticks) {
    const std::size_t samples = active().samples_at_frame_rate(ticks);
    const std::span<std::int16_t> space = room_behind(ready_, queued_);
    const auto silent = space.first(std::min(samples, space.size()));
    std::ranges::fill(silent, std::int16_t{0});
    queued_ += silent.size();
}

void TrackReceiver::note_origin(FrameOrigin origin) {
    last_origin_ = origin;
    const bool worse = origin == FrameOrigin::Concealed || frame_origin_ == FrameOrigin::Silence;
    if (worse) {
        frame_origin_ = origin;
    }
}

}  // namespace patchbay::media
