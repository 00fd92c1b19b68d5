// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/cancel.hpp"
#include "base/ring.hpp"
#include "media/frame.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace patchbay::media {

// Samples on their way from the thread that makes them (reader, synthesizer) to the shard that
// plays them: two halves of one bounded ring, of which neither ever waits for the other. The shard
// reads the source every 20 ms; destroying it cancels the feeder. The other thread writes as much
// as there is space for, comes back later for more, and ends the feeder at last. An example is in
// the README.
class RingFeeder;

namespace detail {
struct SampleBlock {
    enum class Mark : std::uint8_t { None, End, Failed };

    std::vector<std::int16_t> samples;
    Mark mark = Mark::None;
    Error error{};
};

// Owned by both halves, because either may end first; the ring inside is the only traffic.
struct SampleChannel {
    SampleChannel(std::size_t blocks, CancelFlag flag) : ring(blocks), cancel(std::move(flag)) {}

    SpscRing<SampleBlock> ring;
    CancelFlag cancel;
    SharedCount fed;        // samples written so far
    SharedCount announced;  // whole length, when the feeder knows it
};
}  // namespace detail

class RingSource final : public FrameSource {
  public:
    explicit RingSource(std::shared_ptr<detail::SampleChannel> channel)
        : channel_(std::move(channel)) {}
    ~RingSource() override { channel_->cancel.cancel(); }

    State read(Frame& out) override;
    // The announced length, else what has been fed so far.
    std::optional<Nanoseconds> total_duration() const override;
    std::optional<Error> failure() const override { return failure_; }

  private:
    bool next_block();

    std::shared_ptr<detail::SampleChannel> channel_;
    detail::SampleBlock block_;
    std::size_t used_ = 0;
    std::optional<Error> failure_;
};

// Belongs to one thread at a time. Destroying it without end() or fail() ends the source.
class RingFeeder {
  public:
    explicit RingFeeder(std::shared_ptr<detail::SampleChannel> channel)
        : channel_(std::move(channel)) {}
    RingFeeder(RingFeeder&&) noexcept = default;
    RingFeeder& operator=(RingFeeder&&) = delete;
    ~RingFeeder();

    // Nobody listens any more: stop working.
    bool canceled() const { return channel_->cancel.canceled(); }
    // Samples that may be written now without being kept aside. A well-behaved producer of long
    // audio writes no more than this and comes back later.
    std::size_t space() const;
    // Never waits. What does not fit the ring is kept aside until a later call, at most
    // kMaxPendingSamples; TooLarge beyond.
    Result<void> write(std::span<const std::int16_t> samples);
    void announce_length(Nanoseconds total);
    void end();
    void fail(const Error& error);

  private:
    void flush();
    void finish(detail::SampleBlock::Mark mark, const Error& error);

    std::shared_ptr<detail::SampleChannel> channel_;
    std::vector<std::int16_t> pending_;
    bool finished_ = false;
};

struct RingPair {
    std::unique_ptr<RingSource> source;
    RingFeeder feeder;
};

// `ahead`: how much audio may be waiting. The flag is canceled when the source is destroyed.
RingPair make_ring_source(Nanoseconds ahead, CancelFlag cancel = {});

}  // namespace patchbay::media
