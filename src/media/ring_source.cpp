// SPDX-License-Identifier: Apache-2.0
#include "media/ring_source.hpp"

#include "media/limits.hpp"

#include <algorithm>

namespace patchbay::media {

namespace {

using Mark = detail::SampleBlock::Mark;

// One slot stays free for the end mark, which must always find room.
std::size_t free_blocks(const detail::SampleChannel& channel) {
    const std::size_t used = channel.ring.size() + 1;
    return channel.ring.capacity() > used ? channel.ring.capacity() - used : 0;
}

}  // namespace

FrameSource::State RingSource::read(Frame& out) {
    std::size_t filled = 0;
    while (filled < out.size()) {
        if (used_ == block_.samples.size() && !next_block()) {
            break;
        }
        const std::size_t count = std::min(out.size() - filled, block_.samples.size() - used_);
        std::copy_n(block_.samples.begin() + static_cast<std::ptrdiff_t>(used_), count,
                    out.begin() + static_cast<std::ptrdiff_t>(filled));
        used_ += count;
        filled += count;
    }
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(filled), out.end(), std::int16_t{0});
    if (filled > 0) {
        return State::Playing;
    }
    if (block_.mark == Mark::Failed) {
        failure_ = block_.error;
        return State::Failed;
    }
    return block_.mark == Mark::End ? State::Ended : State::Starving;
}

std::optional<Nanoseconds> RingSource::total_duration() const {
    const std::uint64_t announced = channel_->announced.get();
    return duration_of(announced > 0 ? announced : channel_->fed.get());
}

// False when the ring is empty or the last block has been played.
bool RingSource::next_block() {
    if (block_.mark != Mark::None) {
        return false;
    }
    auto next = channel_->ring.try_pop();
    if (!next) {
        return false;
    }
    block_ = std::move(*next);
    used_ = 0;
    return true;
}

RingFeeder::~RingFeeder() {
    if (channel_ != nullptr) {
        end();
    }
}

std::size_t RingFeeder::space() const {
    const std::size_t room = free_blocks(*channel_) * kDecodeBlockSamples;
    return room > pending_.size() ? room - pending_.size() : 0;
}

Result<void> RingFeeder::write(std::span<const std::int16_t> samples) {
    if (pending_.size() + samples.size() > kMaxPendingSamples) {
        return patchbay::fail(Errc::TooLarge, "audio that waits to be played");
    }
    channel_->fed.add(samples.size());
    while (!samples.empty()) {
        const auto piece = samples.first(std::min(samples.size(), kDecodeBlockSamples));
        pending_.insert(pending_.end(), piece.begin(), piece.end());
        samples = samples.subspan(piece.size());
        flush();
    }
    return {};
}

void RingFeeder::announce_length(Nanoseconds total) {
    channel_->announced.add(samples_in(total));
}

void RingFeeder::end() {
    finish(Mark::End, {});
}

void RingFeeder::fail(const Error& error) {
    finish(Mark::Failed, error);
}

// While the ring has plenty of room even a short piece goes at once, because the first audio is
// what a caller waits for; later pieces are gathered, so that slots are not wasted on crumbs.
void RingFeeder::flush() {
    const std::size_t room = free_blocks(*channel_);
    const bool plenty = room > channel_->ring.capacity() / 2;
    if (room > 0 && (plenty || pending_.size() >= kDecodeBlockSamples)) {
        channel_->ring.try_push({.samples = std::exchange(pending_, {})});
    }
}

void RingFeeder::finish(Mark mark, const Error& error) {
    if (std::exchange(finished_, true)) {
        return;
    }
    channel_->ring.try_push({.samples = std::exchange(pending_, {}), .mark = mark, .error = error});
}

RingPair make_ring_source(Nanoseconds ahead, CancelFlag cancel) {
    constexpr std::size_t kLeastBlocks = 4;
    const std::size_t blocks = samples_in(ahead) / kDecodeBlockSamples + 2;
    auto channel =
        std::make_shared<detail::SampleChannel>(std::max(blocks, kLeastBlocks), std::move(cancel));
    return {std::make_unique<RingSource>(channel), RingFeeder(channel)};
}

}  // namespace patchbay::media
