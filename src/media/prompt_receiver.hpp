// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "media/frame.hpp"
#include "media/track_receiver.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace patchbay::media {

// The audio of a track for one who wants each frame as soon as its packets are there in order, and
// not on a clock: an application at the end of a socket, which would wait a frame for nothing.
//
// What fails to come is silence, so that frames are as many as the time has room for, give or take
// a few: kMostBehind after the last one, silence begins; a backlog that silence has stood in for
// already is left out. Owned by the track; knows no packet's source and no key.
class PromptReceiver {
  public:
    // Unsupported when not one of the formats can be decoded.
    static Result<PromptReceiver> make(std::vector<ReceiveFormat> formats);

    // Which gets the packets of the track.
    TrackReceiver& receiver() { return receiver_; }

    // Until false: after every packet, and every 20 ms besides.
    bool read(Instant now, Frame& out);

  private:
    explicit PromptReceiver(TrackReceiver receiver) : receiver_(std::move(receiver)) {}

    TrackReceiver receiver_;
    std::optional<Instant> given_until_;  // by the clock, if every frame were in time
};

}  // namespace patchbay::media
