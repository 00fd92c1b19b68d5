// SPDX-License-Identifier: Apache-2.0
// Two calls of two shards that are to hear each other: the directory says who has the other one, or
// the tag of its dialog.
// Only the question and its answer cross by mailbox; the audio goes by the rings of
// call::AudioJoin.
#include "app/shard/runtime.hpp"
#include "sip/steering.hpp"

#include <utility>

namespace patchbay::app {

void ShardRuntime::perform(const call::BridgeElsewhere& effect) {
    const auto shard = shard_of(effect.request);
    if (!shard || *shard == shard_.index() || *shard >= services_.runtimes.size()) {
        answer_bridge(effect.request, fail(Errc::NotFound, "the other call"));
        return;
    }
    ShardRuntime* const other = services_.runtimes[*shard];
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

std::optional<unsigned> ShardRuntime::shard_of(const call::BridgeRequest& request) const {
    if (request.dialog) {
        return sip::marked_shard(request.dialog->to_tag);
    }
    const auto entry = services_.directory.find(request.target);
    return entry ? std::optional<unsigned>(entry->shard) : std::nullopt;
}

void ShardRuntime::answer_bridge(const call::BridgeRequest& request, const Result<void>& answer) {
    exchange_.bridge_answered(shard_.now(), request, answer, effects_);
}

}  // namespace patchbay::app
