// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "speech/vad/silero_network.hpp"
#include "speech/vad/voice_activity.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

namespace patchbay::speech {

// Neural voice detection for all streams of one shard. Each stream writes its audio as it comes;
// what makes a whole window waits for the next run(), where the windows of many streams are judged
// together, which costs each of them half. Belongs to its shard's thread.
class VoiceBatch {
  public:
    struct Judged {
        std::uint64_t stream = 0;
        VoiceWindow window;
    };

    explicit VoiceBatch(std::shared_ptr<const SileroNetwork> network);

    void open(std::uint64_t stream);
    // What still waits of it is dropped.
    void close(std::uint64_t stream);
    // Mono audio at 16 kHz whose first sample was spoken at `begin`. A window that finds no room
    // (kMaxWaitingVoiceWindows) is never judged, and counted.
    void write(std::uint64_t stream, Instant begin, std::span<const std::int16_t> samples);

    // Judges the windows that wait, oldest first, at most kVoiceWindowsPerTick.
    void run(std::vector<Judged>& out);

    std::size_t waiting() const { return waiting_.size(); }
    std::uint64_t dropped() const { return dropped_; }

  private:
    using Samples = std::array<std::int16_t, kSileroWindow>;
    struct Stream {
        SileroStream state;
        Instant begin;  // of the window that is being filled
        std::size_t filled = 0;
        Samples samples{};
    };
    struct Waiting {
        std::uint64_t stream = 0;
        Instant begin;
        Samples samples{};
    };

    void queue(std::uint64_t id, const Stream& stream);

    std::shared_ptr<const SileroNetwork> network_;
    SileroNetwork::Workspace workspace_;
    std::unordered_map<std::uint64_t, Stream> streams_;
    std::vector<Waiting> waiting_;
    std::vector<SileroJob> jobs_;
    std::uint64_t dropped_ = 0;
};

}  // namespace patchbay::speech
