// SPDX-License-Identifier: Apache-2.0
// `bridge`: two calls of this server hear each other. The Exchange finds the other one; when either
// ends or parts, the other goes on alone.
#include "call/error_code.hpp"
#include "call/session.hpp"

#include <utility>

namespace patchbay::call {

Result<void> Session::bridge(const command::Bridge& bridge) {
    if (bridge.target_session_id == names_.id) {
        return fail(Errc::Malformed, "a call with itself");
    }
    PB_CHECK(check_joinable());
    bridge_request_ = BridgeRequest{names_.key, names_.id, bridge.target_session_id};
    bridge_wanted_ = true;
    return {};
}

// Free to hear another call.
Result<void> Session::check_joinable() const {
    if (!leg_.is_answered()) {
        return fail(Errc::WrongState, "a call that is not answered");
    }
    if (join_ || second_leg_ || bridge_request_) {
        return fail(Errc::WrongState, "a call that is joined to another one already");
    }
    return {};
}

std::optional<BridgeRequest> Session::take_bridge_request() {
    return std::exchange(bridge_wanted_, false) ? bridge_request_ : std::nullopt;
}

Result<void> Session::accept_bridge(Step& step, const BridgeRequest& request) {
    PB_CHECK(check_joinable());
    enter_bridge(step, request.join, AudioJoin::Side::Second, request.id);
    return {};
}

// What became of our own request.
void Session::bridge_answered(Step& step,
                              const BridgeRequest& request,
                              const Result<void>& answer) {
    bridge_request_.reset();
    if (!answer) {
        step.emit(event::Error{.track_id = names_.caller_track,
                               .timestamp = step.timestamp,
                               .sender = "command",
                               .error = "bridge: " + patchbay::describe(answer.error()),
                               .code = error_code(answer.error().code),
                               .request_id = request.request_id});
        return;
    }
    if (request.request_id) {
        step.emit(event::Ack{names_.caller_track, step.timestamp, *request.request_id});
    }
    enter_bridge(step, request.join, AudioJoin::Side::First, request.target);
}

void Session::enter_bridge(Step& step,
                           std::shared_ptr<AudioJoin> join,
                           AudioJoin::Side side,
                           const SessionId& other) {
    enter_join(std::move(join), side, true);
    bridged_to_ = other;
    report_bridge(step, "bridged");
}

Result<void> Session::unbridge(Step& step, const command::Unbridge& unbridge) {
    if (!bridged_to_) {
        return fail(Errc::WrongState, "a call that is not bridged");
    }
    if (unbridge.target_session_id && *unbridge.target_session_id != *bridged_to_) {
        return fail(Errc::NotFound, "bridge to that call");
    }
    leave_bridge(step);
    return {};
}

// At each tick: whether the other call has parted or ended.
void Session::follow_bridge(Step& step) {
    if (!join_ || !join_->audio->has_left(AudioJoin::other(join_->side))) {
        return;
    }
    if (bridged_to_) {
        leave_bridge(step);
    } else if (ends_with_join_) {
        end(step, cause::by_peer(!incoming_, true));
    }
}

void Session::leave_bridge(Step& step) {
    leave_join();
    report_bridge(step, "parted");
    bridged_to_.reset();
}

void Session::report_bridge(Step& step, std::string_view state) {
    step.emit(event::Other{
        .track_id = names_.caller_track,
        .timestamp = step.timestamp,
        .sender = "bridge",
        .extra = {{"state", std::string(state)}, {"sessionId", bridged_to_->value()}}});
}

}  // namespace patchbay::call
