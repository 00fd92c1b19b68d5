// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/effects.hpp"
#include "call/event.hpp"
#include "call/ids.hpp"
#include "call/keys.hpp"
#include "call/transition_log.hpp"

#include <optional>
#include <string>
#include <utility>

namespace patchbay::call {

// Whose second leg a session is: its client hears the events, as `refer`.
struct MainCall {
    SessionKey key;
    SessionId id;
};

// The names of a call, fixed at its birth.
struct SessionNames {
    SessionKey key;
    SessionId id;
    TrackId caller_track;  // the session id, by the API's convention
    TrackId server_track;  // everything that the server plays
    std::optional<MainCall> main_call = std::nullopt;
    std::string trunk = {};  // by which the call came or goes; empty: by none
};

// One input on its way through one session: the time, and where outputs go. Lives for one call into
// the Exchange.
struct Step {
    Instant now;
    WallTime timestamp;  // of `now`, for events
    const SessionNames& names;
    TransitionLog& log;
    Effects& effects;
    Nanoseconds since_phase_0{0};  // of the shard's ticks: see PlayOutPhase

    template <class E>
    void emit(E event) {
        effects.push_back(addressed(std::move(event)));
    }
    // The client of a second leg is that of the main call.
    template <class E>
    EmitEvent addressed(E event) const {
        if (!names.main_call) {
            return EmitEvent{names.key, names.id, Event(std::move(event))};
        }
        if constexpr (requires { event.refer; }) {
            event.refer = true;
        }
        return EmitEvent{names.main_call->key, names.main_call->id, Event(std::move(event))};
    }
    template <class E>
    void ask(E effect) {
        effects.push_back(std::move(effect));
    }
    // An `error` event of the server's own track or of the whole call.
    void report_error(const TrackId& track, std::string sender, std::string error, int code) {
        emit(event::Error{.track_id = track,
                          .timestamp = timestamp,
                          .sender = std::move(sender),
                          .error = std::move(error),
                          .code = code,
                          .request_id = std::nullopt});
    }
};

}  // namespace patchbay::call
