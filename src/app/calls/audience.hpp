// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/activecall/calls.hpp"
#include "app/calls/event_log.hpp"
#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "call/event.hpp"
#include "call/ids.hpp"
#include "call/keys.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace patchbay::app {

// Who hears the calls of one shard: of each call the connection that controls it, and any number
// of observers. A call whose terms say so is held when its connection goes, and the events wait for
// the client. Also after the end of the call, so that the client learns it.
//
// It decides nothing about a call: its owner, the runtime of the shard, asks and acts.
class CallAudience {
  public:
    using Listener = api::activecall::CallListener;

    // `log`: null where the client does not come back.
    void add(call::SessionKey call,
             const call::SessionId& id,
             Listener& control,
             const api::activecall::ControlTerms& terms,
             std::shared_ptr<EventLog> log);
    // A client comes back: it hears what it missed, and whoever controlled the call before is
    // displaced. NotFound: nobody waits.
    struct Return {
        call::SessionKey call;
        bool ended = false;  // and the client has heard it now
    };
    Result<Return> resume(const call::SessionId& id,
                          std::uint64_t last_sequence,
                          const IpAddress& client,
                          Listener& control);
    enum class Departure : std::uint8_t {
        Final,    // the call is to end
        Held,     // the call waits for its client
        Nothing,  // another connection controls the call, or it is over
    };
    Departure leave(Instant now, call::SessionKey call, const Listener& control);

    void observe(const call::SessionId& id, Listener& observer);
    void stop_observing(const call::SessionId& id, const Listener& observer);

    void on_event(call::SessionKey call, const call::SessionId& id, const call::Event& event);
    void on_audio(call::SessionKey call, ByteView bytes) const;
    void on_command(call::SessionKey call, const call::ClientCommand& command);
    void on_ended(call::SessionKey call, const call::SessionId& id);

    // Its client is away and may come back, be it only for the end.
    bool is_held(call::SessionKey call) const;
    std::shared_ptr<EventLog> log(call::SessionKey call) const;

    // Where the controlling connection comes from.
    std::optional<IpAddress> client(call::SessionKey call) const;

    // A held call whose client did not come.
    struct Expired {
        call::SessionKey call;
        call::SessionId id;
        bool ended = false;  // the call itself is over: only its name is to be released
    };
    std::vector<Expired> expire(Instant now);

  private:
    struct Member {
        call::SessionId id;
        Listener* control = nullptr;  // null: held, or never there
        IpAddress address;
        Seconds hold{0};
        std::shared_ptr<EventLog> log;  // shared with the directory
        std::optional<Instant> held_until;
        bool ended = false;
    };

    std::unordered_map<call::SessionKey, Member> members_;
    std::unordered_map<call::SessionKey, std::uint64_t> sequences_;  // of the last event
    // By name, because an observer may come before the controlling connection.
    std::unordered_map<call::SessionId, std::vector<Listener*>> observers_;
    std::size_t held_ = 0;
};

}  // namespace patchbay::app
