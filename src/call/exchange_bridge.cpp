// SPDX-License-Identifier: Apache-2.0
// `bridge`: finds the other call, on this shard or through the runtime on another one.
#include "call/exchange_state.hpp"

#include <memory>
#include <utility>

namespace patchbay::call {

void Exchange::State::place_bridge(Instant now, Entry& entry, Effects& out) {
    auto request = entry.session.take_bridge_request();
    if (!request) {
        return;
    }
    const auto found = by_id.find(request->target);
    if (found == by_id.end()) {
        request->join = std::make_shared<AudioJoin>(AudioJoin::Reach::TwoShards);
        out.push_back(BridgeElsewhere{std::move(*request)});
        return;
    }
    request->join = std::make_shared<AudioJoin>();
    answer_bridge(now, *request, accept_bridge(now, found->second, *request, out), out);
}

Result<void> Exchange::State::accept_bridge(Instant now,
                                            SessionKey target,
                                            const BridgeRequest& request,
                                            Effects& out) {
    if (request.connects()) {
        return accept_far_party(now, target, request, out);
    }
    Result<void> answer = fail(Errc::NotFound, "the other call");
    step(now, target, out,
         [&](Session& session, Step& one) { answer = session.accept_bridge(one, request); });
    return answer;
}

void Exchange::State::answer_bridge(Instant now,
                                    const BridgeRequest& request,
                                    const Result<void>& answer,
                                    Effects& out) {
    if (request.connects()) {
        return far_party_answered(now, request, answer, out);
    }
    if (!sessions.contains(request.session)) {
        request.join->leave(AudioJoin::Side::First);  // it ended while the other one was looked for
        return;
    }
    step(now, request.session, out,
         [&](Session& session, Step& one) { session.bridge_answered(one, request, answer); });
}

Result<void> Exchange::accept_bridge(Instant now, const BridgeRequest& request, Effects& out) {
    const auto key = request.dialog ? state_->other_party(*request.dialog) : find(request.target);
    if (!key) {
        return fail(Errc::NotFound, "the other call");
    }
    return state_->accept_bridge(now, *key, request, out);
}

void Exchange::bridge_answered(Instant now,
                               const BridgeRequest& request,
                               const Result<void>& answer,
                               Effects& out) {
    state_->answer_bridge(now, request, answer, out);
}

}  // namespace patchbay::call
