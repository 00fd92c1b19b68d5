// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages/trace.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "call/ids.hpp"
#include "sip/flow.hpp"

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace patchbay::app {

// The SIP messages of a shard's calls, as they were on the wire, for `patchbay trace`: of calls in
// progress and of those that ended last. Bounded in messages per call and bytes per shard; the call
// that was silent longest goes first. Credentials and media keys are removed before anything is
// kept. Pure; belongs to its shard.
class SipTrace {
  public:
    enum class Direction : std::uint8_t { Received, Sent };

    void add(WallTime time, Direction direction, const sip::Flow& flow, ByteView message);
    // A call is known by its session id as well.
    void name(std::string_view call_id, const call::SessionId& id);
    // By session id or Call-ID.
    std::optional<api::CallTrace> find(std::string_view id) const;

    std::size_t bytes() const { return bytes_; }

  private:
    struct Call {
        api::CallTrace trace;
        std::size_t bytes = 0;
    };
    using Calls = std::list<Call>;  // the one that spoke last is in front

    Calls::iterator touch(const std::string& call_id);
    void forget_oldest();

    Calls calls_;
    std::unordered_map<std::string, Calls::iterator> by_call_id_;
    std::unordered_map<std::string, std::string> call_ids_;  // by session id, where it differs
    std::size_t bytes_ = 0;
};

// The message with the values of Authorization and Proxy-Authorization and the keys of a=crypto
// lines replaced by "***".
std::string without_secrets(std::string_view message);

}  // namespace patchbay::app
