// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/command.hpp"
#include "call/event.hpp"
#include "lab/demo_script.hpp"

#include <optional>
#include <string>
#include <vector>

namespace patchbay::lab {

// What the client of the demonstration saw and did.
struct DemoRecord {
    std::optional<Instant> ringing;
    std::optional<Instant> answered;
    std::string digits;
    std::optional<Milliseconds> speech;  // lengths as their trackEnd told
    std::optional<Milliseconds> wav;
    std::optional<Milliseconds> mp3;
    std::optional<Instant> interrupted;  // when the command was given
    std::optional<call::event::Hangup> hangup;
    std::vector<std::string> errors;  // of `error` events, and what did not happen in time
};

// The client's side of the demonstration as a state machine: one step follows another when its
// event comes, and a step that waits in vain ends the call. It knows no socket; commands go out,
// events come in.
class DemoCall {
  public:
    using Commands = std::vector<call::Command>;

    DemoCall(DemoScript script, std::string callee);

    void start(Instant now, Commands& out);
    void handle_event(Instant now, const call::Event& event, Commands& out);
    // The control connection is gone.
    void handle_closed(const std::string& why);
    void handle_timeout(Instant now, Commands& out);
    std::optional<Instant> next_timeout() const { return deadline_; }

    bool is_over() const { return step_ == Step::Over; }
    const DemoRecord& record() const { return record_; }

  private:
    enum class Step {
        Calling,
        Listening,  // for the keys
        Speaking,
        PlayingWav,
        PlayingMp3,
        Interrupted,
        HangingUp,
        Over,
    };

    void handle_in_step(Instant now, const call::Event& event, Commands& out);
    void handle_playing(Instant now, const call::Event& event);
    void end_playback(Instant now, std::optional<Milliseconds>& length, Milliseconds heard);
    void enter(Instant now, Step step, Commands& out);
    void enter_next(Instant now, Commands& out);
    void give_up(Instant now, Commands& out);

    DemoScript script_;
    std::string callee_;
    Step step_ = Step::Calling;
    bool paused_ = false;  // the step is done; the next one begins at the deadline
    std::optional<Instant> deadline_;
    DemoRecord record_;
};

}  // namespace patchbay::lab
