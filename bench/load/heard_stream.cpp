// SPDX-License-Identifier: Apache-2.0
#include "load/heard_stream.hpp"

#include "media/g711.hpp"
#include "media/level.hpp"
#include "media/tone_detector.hpp"
#include "rtp/packet.hpp"

#include <cstdlib>

namespace patchbay::bench {
namespace {

constexpr int kSampleRate = 8000;
constexpr std::size_t kPieceSamples = 800;
constexpr int kPacketsBetweenPieces = 45;
// Mean of the sample values, about -50 dBFS: far above an idle line, far below the file.
constexpr double kSound = 100;
// A sine that is alone has its own level as the level of the whole; less than this is in doubt.
constexpr double kImpurity = 1;  // dB

double mean_of(ByteView payload) {
    std::int64_t sum = 0;
    for (const std::uint8_t byte : payload) {
        sum += std::abs(media::decode_ulaw(byte));
    }
    return static_cast<double>(sum) / static_cast<double>(payload.size());
}

}  // namespace

Heard& Heard::operator+=(const Heard& other) {
    packets += other.packets;
    lost += other.lost;
    out_of_order += other.out_of_order;
    silent += other.silent;
    pieces += other.pieces;
    off_tone += other.off_tone;
    return *this;
}

void HeardStream::handle_packet(Instant now, ByteView datagram) {
    const auto packet = rtp::RtpPacketView::parse(datagram);
    if (!packet) {
        return;
    }
    count(packet->header.sequence);
    const double mean = mean_of(packet->payload);
    const bool whole = !marks_ || marks_->heard(now, mean);
    if (mean > kSound) {
        last_sound_ = now;
    } else {
        ++heard_.silent;
    }
    if (mean > kSound && whole) {
        look(packet->payload);
    } else {
        piece_.clear();
    }
}

void HeardStream::expect_mark(Instant now, Percentiles& delays) {
    if (!marks_) {
        marks_.emplace(delays);
        return;  // it does not know yet how loud its end is
    }
    marks_->sent(now);
}

void HeardStream::count(std::uint16_t sequence) {
    ++heard_.packets;
    const auto ahead = static_cast<std::int16_t>(sequence - next_.value_or(sequence));
    if (ahead < 0) {
        ++heard_.out_of_order;
        return;
    }
    heard_.lost += static_cast<std::uint64_t>(ahead);
    next_ = static_cast<std::uint16_t>(sequence + 1);
}

void HeardStream::look(ByteView payload) {
    if (until_piece_ > 0) {
        --until_piece_;
        return;
    }
    for (const std::uint8_t byte : payload) {
        piece_.push_back(media::decode_ulaw(byte));
    }
    if (piece_.size() < kPieceSamples) {
        return;
    }
    ++heard_.pieces;
    const double whole = media::rms_level(piece_);
    heard_.off_tone += media::tone_level(piece_, tone_, kSampleRate) < whole - kImpurity ? 1 : 0;
    piece_.clear();
    until_piece_ = kPacketsBetweenPieces;
}

}  // namespace patchbay::bench
