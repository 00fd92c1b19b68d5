// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/frame.hpp"

namespace patchbay::speech {

// Where a call puts its caller's audio for the embedded recognizer, 20 ms after 20 ms without a
// gap. Destroying it ends the recognition: what was not told by then is not told.
class RecognizerFeed {
  public:
    RecognizerFeed() = default;
    RecognizerFeed(const RecognizerFeed&) = delete;
    RecognizerFeed& operator=(const RecognizerFeed&) = delete;
    virtual ~RecognizerFeed() = default;

    // Never waits.
    virtual void write(const media::Frame& frame) = 0;
};

}  // namespace patchbay::speech
