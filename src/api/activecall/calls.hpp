// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "call/event.hpp"
#include "call/exchange.hpp"
#include "call/ids.hpp"
#include "call/summary.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// What the dialects of the API need of the engine. `app` implements it over the shards; tests
// implement it in memory. Everything here is touched by one shard's thread only.
namespace patchbay::api::activecall {

// What a call hears about the connection that controls it.
struct ControlTerms {
    IpAddress client;          // decides which addresses the call's URLs may name
    Seconds hold{0};           // how long the call waits for a client that went away to come back
    std::string resume_token;  // what it then must know
    bool dump = false;         // events and commands are kept in a file
};

// Hears what happens to one call.
class CallListener {
  public:
    CallListener() = default;
    CallListener(const CallListener&) = delete;
    CallListener& operator=(const CallListener&) = delete;
    virtual ~CallListener() = default;

    // `sequence` counts the events of the call from 1 on.
    virtual void on_event(const call::Event& event, std::uint64_t sequence) = 0;
    // Audio of the call; valid during the call only. Late is worse than lost: it may be dropped.
    virtual void on_audio(ByteView /*bytes*/) {}
    // What somebody asked of the call; for those who keep a log of it.
    virtual void on_command(const call::ClientCommand& /*command*/) {}
    // Another connection controls the call from now on, or events were lost on the way here:
    // nothing follows. The listener may be destroyed from inside.
    virtual void on_displaced(std::string_view reason) = 0;
    // The call is over and its `hangup` event has been delivered. Nothing follows. The listener may
    // be destroyed from inside.
    virtual void on_ended() = 0;
};

// The way from a control socket to its call. Destroying it says that the socket is gone: the call
// ends, or waits as long as its terms say.
class CallPort {
  public:
    CallPort() = default;
    CallPort(const CallPort&) = delete;
    CallPort& operator=(const CallPort&) = delete;
    virtual ~CallPort() = default;

    virtual void command(call::ClientCommand command) = 0;
    // Audio of the client, as it came in a binary message.
    virtual void audio(ByteView bytes) = 0;
};

// Being there as an observer; destroying it ends that, and nothing else.
class Observation {
  public:
    Observation() = default;
    Observation(const Observation&) = delete;
    Observation& operator=(const Observation&) = delete;
    virtual ~Observation() = default;
};

// A call that is reserved while its WebSocket opens: a new one, an incoming one that waits for its
// application, or one whose client comes back. Destroyed without begin(), it is free again.
class PendingCall {
  public:
    PendingCall() = default;
    PendingCall(const PendingCall&) = delete;
    PendingCall& operator=(const PendingCall&) = delete;
    virtual ~PendingCall() = default;

    // The name of the call, which may have been asked for under another.
    virtual const call::SessionId& id() const = 0;
    // Once. `listener` must live until on_ended(), on_displaced(), or until the port is destroyed.
    virtual Result<std::unique_ptr<CallPort>> begin(call::SessionRequest request,
                                                    const ControlTerms& terms,
                                                    CallListener& listener) = 0;
};

class Calls {
  public:
    Calls() = default;
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;
    virtual ~Calls() = default;

    // A new call, or the incoming one of that name (or Call-ID) that waits for an application.
    // Errc::Duplicate: a call with this id exists. Errc::Unavailable: the server is going down.
    virtual Result<std::unique_ptr<PendingCall>> reserve(const call::SessionId& id) = 0;
    // A call whose client comes back, having seen every event up to `last_sequence`.
    // Errc::NotFound: there is no such call. Errc::Forbidden: another token. Errc::OutOfRange:
    // events after that are gone, and so is the call.
    virtual Result<std::unique_ptr<PendingCall>> resume(const call::SessionId& id,
                                                        std::string_view token,
                                                        std::uint64_t last_sequence) = 0;
    // A fresh UUID.
    virtual call::SessionId make_id() = 0;
    virtual std::vector<call::SessionSummary> list() const = 0;
    // Ends a call of any shard and dialect. Errc::NotFound when there is none.
    virtual Result<void> kill(const call::SessionId& id) = 0;
    // As from the controlling socket. Errc::NotFound.
    virtual Result<void> command(const call::SessionId& id, call::ClientCommand command) = 0;
    // Hears what happens to a call of any shard, and what is asked of it. Errc::NotFound.
    virtual Result<std::unique_ptr<Observation>> observe(const call::SessionId& id,
                                                         CallListener& listener) = 0;
};

}  // namespace patchbay::api::activecall
