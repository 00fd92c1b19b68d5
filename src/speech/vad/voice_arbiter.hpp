// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "speech/vad/voice_activity.hpp"

#include <optional>
#include <vector>

namespace patchbay::speech {

// Of two judges of one stream, whose word counts: that of the remote one as long as it keeps up,
// that of our own otherwise. Our own judges everything; while the remote one leads, what ours said
// waits until the remote one has judged the same audio, and counts when that takes longer than
// kRemoteVoiceWait. No moment of the stream is told twice or out of order.
//
// All times are those at which the audio was spoken, so that a jitter buffer makes nobody late.
class VoiceArbiter {
  public:
    using Windows = std::vector<VoiceWindow>;

    // The stream is known up to here. True: the remote judge has just fallen behind.
    bool handle_heard(Instant until, Windows& out);
    void handle_own(const VoiceWindow& window, Windows& out);
    // False: it came too late, and was not needed.
    bool handle_remote(const VoiceWindow& window, Windows& out);
    // The remote judge is gone for now: what waits for it counts.
    void lose_remote(Windows& out);

    bool remote_leads() const { return remote_leads_; }

  private:
    void tell(VoiceWindow window, Windows& out);

    bool remote_leads_ = false;
    Instant heard_until_;
    std::optional<Instant> told_until_;
    Windows waiting_;  // of our own judge, oldest first
};

}  // namespace patchbay::speech
