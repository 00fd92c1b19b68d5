// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "call/event.hpp"
#include "call/exchange.hpp"
#include "call/ids.hpp"
#include "call/summary.hpp"

#include <memory>
#include <vector>

// What the dialects of the API need of the engine. `app` implements it over the shards; tests
// implement it in memory. Everything here is touched by one shard's thread only.
namespace patchbay::api::activecall {

// Hears what happens to one call.
class CallListener {
  public:
    CallListener() = default;
    CallListener(const CallListener&) = delete;
    CallListener& operator=(const CallListener&) = delete;
    virtual ~CallListener() = default;

    virtual void on_event(const call::Event& event) = 0;
    // Audio of the call; valid during the call only. Late is worse than lost: it may be dropped.
    virtual void on_audio(ByteView bytes) = 0;
    // The call is over and its `hangup` event has been delivered. Nothing follows. The listener may
    // be destroyed from inside.
    virtual void on_ended() = 0;
};

// The way from a control socket to its call. Destroying it ends the call if it still lives: the
// socket is gone.
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

// An id that is reserved while its WebSocket opens. Destroyed without begin(), the id is free
// again.
class PendingCall {
  public:
    PendingCall() = default;
    PendingCall(const PendingCall&) = delete;
    PendingCall& operator=(const PendingCall&) = delete;
    virtual ~PendingCall() = default;

    // Once. `client` is the address of the controlling connection. `listener` must live until
    // on_ended() or until the port is destroyed.
    virtual Result<std::unique_ptr<CallPort>> begin(call::SessionRequest request,
                                                    const IpAddress& client,
                                                    CallListener& listener) = 0;
};

class Calls {
  public:
    Calls() = default;
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;
    virtual ~Calls() = default;

    // Errc::Duplicate: a call with this id exists. Errc::Unavailable: the server is going down.
    virtual Result<std::unique_ptr<PendingCall>> reserve(const call::SessionId& id) = 0;
    // A fresh UUID.
    virtual call::SessionId make_id() = 0;
    virtual std::vector<call::SessionSummary> list() const = 0;
    // Ends a call of any shard and dialect. Errc::NotFound when there is none.
    virtual Result<void> kill(const call::SessionId& id) = 0;
};

}  // namespace patchbay::api::activecall
