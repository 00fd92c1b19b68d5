// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/call_audio.hpp"
#include "media/rtp_track.hpp"

namespace patchbay::call {

// Whether two joined parties hear each other's packets as they come, undecoded (G.729 and codecs
// that nothing here knows included), and the way of a packet from one to the other. It is so while
// both settled on the same formats and nobody looks at the audio: no recorder, no voice detection,
// nothing that plays. Otherwise frames are the owner's business: he reads one track and writes the
// other one.
//
//     pass.update(one, other, someone_listens);          // after each description and each
//     listener one.track().handle_packet(now, from, packet, out); pass.forward(out, other); // does
//     nothing when packets do not pass if (pass.is_on()) { pass.tick(now, one); pass.tick(now,
//     other); } else { ...frames... }
//
// It owns neither party, and keeps nothing of them. Belongs to the shard of both.
class PassThrough {
  public:
    // Begins or ends it. Parties whose media has not begun yet are not passed through.
    void update(CallAudio& one, CallAudio& other, bool someone_listens);
    // When the two part. Each goes on alone.
    void end(CallAudio& one, CallAudio& other);

    bool is_on() const { return on_; }

    // What the track of one party just handed on, if anything, goes to `to`.
    static void forward(const media::TrackOutputs& outputs, CallAudio& to);
    // Every 20 ms for each party in place of reading and writing frames.
    static void tick(Instant now, CallAudio& party);

  private:
    bool on_ = false;
};

}  // namespace patchbay::call
