// SPDX-License-Identifier: Apache-2.0
#include "rtp/jitter_buffer.hpp"

#include "base/ensure.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::rtp {
namespace {

// Longer packets than this are no telephony.
constexpr std::uint32_t kPacketsPerSecondAtLeast = 5;

// After this much concealment nothing natural is left to repeat; what follows is silence.
constexpr std::uint32_t kLongestConcealment = 120;  // ms

// How far transit may stray from the base before the sender must have set its clock anew. Packets
// that come later than the maximum delay are of no use in any case.
constexpr Nanoseconds kClockJumpBack = Milliseconds(100);  // beyond the maximum delay
constexpr Nanoseconds kClockJumpAhead = Milliseconds(500);

// RFC 3550 A.1: MAX_DROPOUT and MAX_MISORDER.
constexpr std::int64_t kMaxDropout = 3000;
constexpr std::int64_t kMaxMisorder = 100;

// Packets that come before the first one of a stream by number, though after it in time.
constexpr std::int64_t kMisorderedStart = 16;

// What the delay may exceed a whole step by before a packet is skipped, and fall short of the
// target by before a stretch is put in while somebody speaks.
constexpr Nanoseconds kSkipTolerance = Milliseconds(5);
constexpr Nanoseconds kStretchTolerance = Milliseconds(10);

// Since the last skip: a quiet moment is taken at once, a loud one when none has come for long or
// the delay has become a nuisance.
constexpr Nanoseconds kBetweenSkips = Milliseconds(200);
constexpr Nanoseconds kPatience = Seconds(2);
constexpr Nanoseconds kNuisance = Milliseconds(40);

// Delay beyond the target that is cut at once: such a backlog comes of a stalled network, and
// talking over it for seconds is worse than a gap.
constexpr Nanoseconds kBacklog = Milliseconds(100);

// Where nobody keeps a clock: so many packets behind a missing one, or so late a one, say that the
// network has not only changed their order.
constexpr std::size_t kReordered = 3;
constexpr Nanoseconds kReorderWait = Milliseconds(40);

}  // namespace

JitterBuffer::JitterBuffer(const Config& config)
    : config_(config),
      frame_(config.clock_rate / 50),
      estimate_(config.delay),
      packet_length_(frame_) {
    PB_ENSURE(frame_ > 0);
}

void JitterBuffer::reset(const Config& config) {
    PB_ENSURE(config.clock_rate >= 50);
    config_ = config;
    frame_ = config.clock_rate / 50;
    estimate_ = DelayEstimate(config.delay);
    packet_length_ = frame_;
    ssrc_.reset();
    pending_restart_.reset();
    window_.clear(0);
    state_ = State::Waiting;
}

Nanoseconds JitterBuffer::media_time(std::int64_t timestamp) const {
    return ticks_to_time(timestamp - origin_, config_.clock_rate);
}

bool JitterBuffer::in_sequence(const RtpHeader& header) const {
    const std::int64_t ahead = sequences_.peek(header.sequence) - sequences_.newest();
    return ssrc_ == header.ssrc && ahead < kMaxDropout && ahead > -kMaxMisorder;
}

bool JitterBuffer::belongs(Instant now, const RtpHeader& header) const {
    if (!in_sequence(header)) {
        return false;
    }
    const Nanoseconds transit = now.since_epoch() - media_time(timestamps_.peek(header.timestamp));
    const Nanoseconds lateness = transit - estimate_.base();
    return lateness < config_.delay.maximum + kClockJumpBack && lateness > -kClockJumpAhead;
}

// RFC 3550 A.1: two packets in sequence make a new source believable. In a silence nothing is at
// stake, and the first one will do.
bool JitterBuffer::confirms_restart(const RtpHeader& header) {
    constexpr std::int16_t kMayBeMissing = 3;
    const bool silent = state_ == State::Waiting && window_.size() == 0;
    if (!ssrc_ || silent) {
        return true;
    }
    if (pending_restart_ && pending_restart_->ssrc == header.ssrc) {
        const auto ahead = sequence_distance(pending_restart_->next_sequence, header.sequence);
        if (ahead >= 0 && ahead < kMayBeMissing) {
            return true;
        }
    }
    pending_restart_ = Restart{header.ssrc, static_cast<std::uint16_t>(header.sequence + 1)};
    return false;
}

void JitterBuffer::restart(const RtpHeader& header) {
    if (ssrc_) {
        ++statistics_.restarts;
    }
    ssrc_ = header.ssrc;
    pending_restart_.reset();
    sequences_ = SequenceUnwrapper();
    timestamps_ = TimestampUnwrapper();
    estimate_.rebase();
    origin_ = timestamps_.unwrap(header.timestamp);
    window_.clear(sequences_.unwrap(header.sequence) - kMisorderedStart);
    concealed_ = 0;
    last_was_audio_ = true;
    state_ = State::Waiting;
}

bool JitterBuffer::is_over(const Packet& packet) const {
    return state_ == State::Playing && packet.timestamp + packet.duration <= next_timestamp_;
}

JitterBuffer::Insertion JitterBuffer::insert(Instant now,
                                             const RtpHeader& header,
                                             ByteView payload,
                                             std::uint32_t duration) {
    ++statistics_.received;
    if (payload.size() > limits::kPayload || duration == 0 ||
        duration > config_.clock_rate / kPacketsPerSecondAtLeast) {
        return Insertion::TooLarge;
    }
    if (!ssrc_ || !belongs(now, header)) {
        if (!confirms_restart(header)) {
            ++statistics_.strays;
            return Insertion::Stray;
        }
        restart(header);
    }
    const Packet packet{.sequence = sequences_.unwrap(header.sequence),
                        .timestamp = timestamps_.unwrap(header.timestamp),
                        .duration = duration,
                        .payload_type = header.payload_type,
                        .audio = true};
    if (window_.had(packet.sequence)) {
        ++statistics_.duplicates;
        return Insertion::Duplicate;
    }
    pending_restart_.reset();
    estimate_.handle_packet(now, now.since_epoch() - media_time(packet.timestamp));
    if (is_over(packet) || window_.store(packet, payload) == PacketWindow::Storing::Late) {
        ++statistics_.late;
        return Insertion::Late;
    }
    statistics_.pushed_out = window_.pushed_out();
    return Insertion::Queued;
}

// The timestamp of an event stands still at its start, so it says nothing about delay.
void JitterBuffer::insert_other(const RtpHeader& header) {
    if (ssrc_ && in_sequence(header)) {
        window_.store({.sequence = sequences_.unwrap(header.sequence)}, {});
    }
}

Nanoseconds JitterBuffer::delay_at(Instant now, std::int64_t timestamp) const {
    return now.since_epoch() - media_time(timestamp) - estimate_.base();
}

const JitterBuffer::Packet* JitterBuffer::next_audio() {
    const Packet* packet = window_.first();
    while (packet != nullptr && (!packet->audio || is_over(*packet))) {
        last_was_audio_ = packet->audio;
        statistics_.late += packet->audio ? 1 : 0;
        window_.use(*packet);
        packet = window_.first();
    }
    return packet;
}

void JitterBuffer::drop_stale(Instant now) {
    const Packet* packet = next_audio();
    if (packet == nullptr || delay_at(now, packet->timestamp) < estimate_.target() + kBacklog) {
        return;
    }
    const Nanoseconds enough = estimate_.target() + ticks_to_time(frame_, config_.clock_rate);
    while (packet != nullptr && window_.size() > 1 && delay_at(now, packet->timestamp) > enough) {
        ++statistics_.skipped;
        window_.use(*packet);
        next_timestamp_ = std::max(next_timestamp_, packet->timestamp + packet->duration);
        packet = next_audio();
    }
}

Slot JitterBuffer::take(Instant now, Loudness last) {
    if (!ssrc_) {
        return silence();
    }
    drop_stale(now);
    statistics_.target = estimate_.target();
    return state_ == State::Waiting ? take_waiting(now) : take_playing(now, last);
}

// At the start of a talkspurt play-out waits until its first packet has the delay that the stream
// needs; there the delay is corrected for nothing.
Slot JitterBuffer::take_waiting(Instant now) {
    const Packet* next = next_audio();
    if (next == nullptr || delay_at(now, next->timestamp) < estimate_.target()) {
        return silence();
    }
    state_ = State::Playing;
    last_skip_ = now;
    return play(now, *next, Slot::Kind::Packet);
}

Slot JitterBuffer::take_playing(Instant now, Loudness last) {
    const Packet* next = next_audio();
    if (next == nullptr) {
        return take_starved(now, last);
    }
    if (next->timestamp > next_timestamp_) {
        return take_gap(now, last, *next);
    }
    if (too_late(now, last, *next)) {
        last_skip_ = now;
        ++statistics_.skipped;
        return play(now, *next, Slot::Kind::Skipped);
    }
    if (too_early(now, last)) {
        return conceal(Slot::Kind::Stretched, frame_);
    }
    return play(now, *next, Slot::Kind::Packet);
}

Slot JitterBuffer::take_starved(Instant now, Loudness last) {
    const bool sends_other = !last_was_audio_;
    if (sends_other || concealed_ >= kLongestConcealment * (config_.clock_rate / 1000)) {
        state_ = State::Waiting;
        return silence();
    }
    // Concealed it must be in any case; whether media time goes by is ours to say.
    if (too_early(now, last)) {
        return conceal(Slot::Kind::Stretched, frame_);
    }
    return conceal(Slot::Kind::Lost, std::min(frame_, packet_length_));
}

Slot JitterBuffer::take_gap(Instant now, Loudness last, const Packet& next) {
    if (!is_lost_before(next)) {
        state_ = State::Waiting;  // what remains of the gap the sender left on purpose
        return take_waiting(now);
    }
    if (too_early(now, last)) {
        return conceal(Slot::Kind::Stretched, frame_);
    }
    return lose(next);
}

std::optional<Slot> JitterBuffer::take_arrived(Instant now) {
    const Packet* next = ssrc_ ? next_audio() : nullptr;
    if (next == nullptr) {
        return std::nullopt;
    }
    const bool starts = std::exchange(state_, State::Playing) == State::Waiting;
    if (starts || next->timestamp <= next_timestamp_ || !is_lost_before(*next)) {
        return play(now, *next, Slot::Kind::Packet);
    }
    const bool may_come =
        window_.size() < kReordered && delay_at(now, next->timestamp) < kReorderWait;
    return may_come ? std::nullopt : std::optional(lose(*next));
}

// Packets are missing before it, and have not been made up for; the rest of a gap the sender left
// on purpose.
bool JitterBuffer::is_lost_before(const Packet& next) const {
    const std::int64_t missing = next.sequence - window_.last_used() - 1;
    return concealed_ < missing * packet_length_;
}

Slot JitterBuffer::lose(const Packet& next) {
    const std::int64_t gap = next.timestamp - next_timestamp_;
    Slot slot =
        conceal(Slot::Kind::Lost,
                static_cast<std::uint32_t>(std::min<std::int64_t>({gap, frame_, packet_length_})));
    const bool just_before_next = gap == slot.duration && slot.duration == next.duration;
    if (just_before_next) {
        slot.payload = window_.payload_of(next);
    }
    return slot;
}

bool JitterBuffer::too_early(Instant now, Loudness last) const {
    const Nanoseconds shortfall = estimate_.target() - delay_at(now, next_timestamp_);
    return shortfall > (last == Loudness::Quiet ? Nanoseconds(0) : kStretchTolerance);
}

// A skip must leave the delay above the target, or a stretch would soon undo it; and the packet
// after it must be there.
bool JitterBuffer::too_late(Instant now, Loudness last, const Packet& packet) const {
    const Nanoseconds step = ticks_to_time(std::max(frame_, packet.duration), config_.clock_rate);
    const Nanoseconds surplus = delay_at(now, packet.timestamp) - estimate_.target() - step;
    const bool urgent = last == Loudness::Quiet || surplus > kNuisance;
    return surplus > kSkipTolerance && window_.size() > 1 &&
           now - last_skip_ >= (urgent ? kBetweenSkips : kPatience);
}

Slot JitterBuffer::play(Instant now, const Packet& packet, Slot::Kind kind) {
    statistics_.delay = delay_at(now, packet.timestamp);
    statistics_.played += kind == Slot::Kind::Packet ? 1 : 0;
    next_timestamp_ = packet.timestamp + packet.duration;
    packet_length_ = packet.duration;
    concealed_ = 0;
    last_was_audio_ = true;
    window_.use(packet);
    return {.kind = kind,
            .duration = packet.duration,
            .payload_type = packet.payload_type,
            .timestamp = static_cast<std::uint32_t>(packet.timestamp),
            .payload = window_.payload_of(packet)};
}

Slot JitterBuffer::conceal(Slot::Kind kind, std::uint32_t duration) {
    const bool lost = kind == Slot::Kind::Lost;
    concealed_ += duration;
    next_timestamp_ += lost ? duration : 0;
    statistics_.lost += lost ? 1 : 0;
    statistics_.stretched += lost ? 0 : 1;
    return {.kind = kind, .duration = duration};
}

}  // namespace patchbay::rtp
