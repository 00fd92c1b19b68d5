// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/step.hpp"
#include "call/summary.hpp"

#include <optional>
#include <vector>

namespace patchbay::call {

// From the caller's last word to the application's first: one `metrics` event "turn" for each
// answer, with every stamp on the call's one clock. A stamp that nothing gave (no voice detection,
// no recognition) is left out. Kept by the session.
class TurnLedger {
  public:
    // The caller speaks (again): what was noted of a turn that was not answered is dropped.
    void speech_began();
    // The last frame with voice, and when that was decided.
    void speech_ended(Instant last, Instant decided);
    void recognized(Instant now);
    void text_came(Instant now);
    // A frame that sounds is on its way: the turn is complete.
    void sounded(Step& step, WallAnchor wall);

    // Absent: no answer yet.
    std::optional<TurnTimes> times() const;

  private:
    std::optional<Instant> last_speech_;
    std::optional<Instant> decided_;
    std::optional<Instant> final_;
    std::optional<Instant> text_;
    std::vector<Milliseconds> answers_;  // at most kTurnsKept
};

}  // namespace patchbay::call
