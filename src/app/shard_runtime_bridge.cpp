// SPDX-License-Identifier: Apache-2.0
// Two calls of two shards that are to hear each other: the directory says who has the other one.
// Only the question and its answer cross by mailbox; the audio goes by the rings of
// call::AudioJoin.
#include "app/shard_runtime.hpp"

#include <utility>

namespace patchbay::app {

void ShardRuntime::perform(const call::BridgeElsewhere& effect) {
    const auto entry = services_.directory.find(effect.request.target);
    if (!entry || entry->shard == shard_.index()) {
        answer_bridge(effect.request, fail(Errc::NotFound, "the other call"));
        return;
    }
    ShardRuntime* const other = services_.runtimes[entry->shard];
    const auto posted = other->shard_.post([this, other, request = effect.request] {
        Result<void> answer = fail(Errc::NotFound, "the other call");
        other->step([&](call::Effects& out) {
            answer = other->exchange_.accept_bridge(other->shard_.now(), request, out);
        });
        const auto returned = shard_.post([this, request, answer] {
            step([&](call::Effects&) { answer_bridge(request, answer); });
        });
        if (!returned) {
            request.join->leave(call::AudioJoin::Side::First);
        }
    });
    if (!posted) {
        answer_bridge(effect.request, fail(Errc::Unavailable, "the other call's shard"));
    }
}

void ShardRuntime::answer_bridge(const call::BridgeRequest& request, const Result<void>& answer) {
    exchange_.bridge_answered(shard_.now(), request, answer, effects_);
}

}  // namespace patchbay::app
