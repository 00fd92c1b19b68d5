// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/activecall/calls.hpp"
#include "app/shard/runtime.hpp"
#include "base/unique_function.hpp"

#include <memory>

namespace patchbay::app {

// The way from a connection on one shard to a call on another. Commands go over and events come
// back as values, in the mailboxes of the two shards, in order and numbered: where one is lost the
// connection is displaced, so that nobody misses an event without knowing it.
//
// `attach` runs on the call's shard and enters the listener that it is given.
using AttachRemote = UniqueFunction<Result<call::SessionKey>(
    ShardRuntime& owner, api::activecall::CallListener& listener)>;
std::unique_ptr<api::activecall::CallPort> make_remote_port(ShardRuntime& home,
                                                            ShardRuntime& owner,
                                                            const call::SessionId& id,
                                                            api::activecall::CallListener& listener,
                                                            AttachRemote attach);

// The same for somebody who only listens.
std::unique_ptr<api::activecall::Observation> make_remote_observation(
    ShardRuntime& home,
    ShardRuntime& owner,
    const call::SessionId& id,
    api::activecall::CallListener& listener);

}  // namespace patchbay::app
