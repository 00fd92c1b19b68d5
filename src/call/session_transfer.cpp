// SPDX-License-Identifier: Apache-2.0
// Transfers by REFER: we ask the far end to call somebody else (RFC 5589), or are asked to.
#include "base/text.hpp"
#include "call/party.hpp"
#include "call/session.hpp"
#include "sip/header.hpp"

#include <utility>

namespace patchbay::call {
namespace {

// A bare number is one of the far end's own network.
Result<sip::Uri> refer_target(std::string_view callee, const sip::Uri& peer) {
    Result<sip::Uri> uri = callee_uri(callee);
    if (uri || uri.error().code != Errc::NotFound) {
        return uri;
    }
    callee = trim(callee);
    if (starts_with_ignoring_case(callee, "tel:")) {
        return sip::Uri::parse(callee);
    }
    return sip::Uri::sip(callee, peer.host(), peer.port());
}

// An address in the URI; names are looked up for calls of clients only.
Result<sip::Target> literal_target(const sip::Uri& uri) {
    constexpr std::uint16_t kSipPort = 5060;
    std::string_view host = uri.host();
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    }
    const auto address = IpAddress::parse(host);
    if (!address || uri.scheme() != sip::Uri::Scheme::Sip) {
        return fail(Errc::Unsupported, "target of the REFER");
    }
    const bool tcp = equals_ignoring_case(uri.parameter("transport").value_or("udp"), "tcp");
    return sip::Target{.transport = tcp ? sip::Transport::Tcp : sip::Transport::Udp,
                       .address = {*address, uri.port().value_or(kSipPort)},
                       .peer_name = {}};
}

sip::NameAddr without_tag(sip::NameAddr party) {
    party.parameters.remove("tag");
    return party;
}

}  // namespace

Result<void> Session::transfer(Step& step,
                               const command::Transfer& transfer,
                               const std::optional<sip::DialogIdentity>& target,
                               std::optional<OperationId> operation) {
    PB_CHECK(check_sip());
    const auto dialog = around_.agent.dialog(*call_);
    if (!dialog || transferring_) {
        return fail(Errc::WrongState, "another transfer is under way");
    }
    if (!around_.agent.peer_allows(*call_, sip::Method::Refer).value_or(true)) {
        return fail(Errc::Unsupported, "REFER, by the far end");
    }
    sip::ReferRequest request;
    if (transfer.target_session_id) {
        if (!target) {
            return fail(Errc::NotFound, "targetSessionId");
        }
        // The party of that call is asked by its own Contact, which reaches the very phone.
        request.refer_to.uri =
            sip::refer_to_replacing(target->remote_target, target->as_seen_by_peer());
    } else {
        PB_TRY(request.refer_to.uri,
               refer_target(transfer.callee.value_or(""), dialog->remote_target));
    }
    request.referred_by = without_tag(dialog->local_party);
    for (const auto& [name, value] : transfer.headers) {
        request.headers.push_back({name, value});
    }
    const sip::ReferHandle refer =
        around_.agent.refer(step.now, *call_, std::move(request), around_.sip);
    transferring_ = Transferring{refer, operation};
    return {};
}

void Session::handle(Step& step, const sip::ReferAccepted& accepted) {
    if (transferring_ && transferring_->refer == accepted.refer && transferring_->operation) {
        report_operation(step, *transferring_->operation,
                         {.status = 100, .reason = "Accepted", .final = false});
    }
}

void Session::handle(Step& step, const sip::ReferProgress& progress) {
    if (transferring_ && transferring_->refer == progress.refer && transferring_->operation) {
        report_operation(
            step, *transferring_->operation,
            {.status = progress.status.status, .reason = progress.status.reason, .final = false});
    }
}

// RFC 5589 6.1: the transferor hangs up when it knows that the transfer has come about. Where
// nobody will tell, the far end accepted and that must do. A transfer that failed leaves the call
// as it was.
void Session::handle(Step& step, const sip::ReferFinished& finished) {
    if (!transferring_ || transferring_->refer != finished.refer) {
        return;
    }
    const auto operation = std::exchange(transferring_, std::nullopt)->operation;
    const int status = finished.status.status;
    const bool failed = status >= 300;
    if (operation) {
        report_operation(step, *operation,
                         {.status = status, .reason = finished.status.reason, .final = true});
    } else if (failed) {
        report_error(step, "transfer",
                     "transfer failed: " + std::to_string(status) + ' ' + finished.status.reason,
                     status);
    }
    if (!failed) {
        end(step, cause::transferred());
    }
}

// The application is told. Where the configuration lets calls be steered from outside, we do as we
// are asked: the session goes on with the new party.
void Session::handle(Step& step, const sip::ReferReceived& asked) {
    const auto referred_by = asked.request.get<sip::ReferredBy>();
    step.emit(event::TransferRequest{
        .track_id = names_.caller_track,
        .timestamp = step.timestamp,
        .refer_to = asked.refer_to.uri.to_string(),
        .referred_by = referred_by ? std::optional(referred_by->uri.to_string()) : std::nullopt,
        .refer = std::nullopt});
    const bool possible = audio_ && !browser_ && call_ && leg_.is_answered() && !following_;
    if (around_.config.transfers != TransferPolicy::Follow || !possible || !follow(step, asked)) {
        around_.agent.refuse_refer(step.now, asked.call, asked.refer,
                                   sip::Rejection{.status = 603, .reason = {}, .headers = {}},
                                   around_.sip);
    }
}

// RFC 3515 2.4.2 and RFC 3891: an INVITE only; of the headers in the URI, Replaces and nothing
// else.
bool Session::follow(Step& step, const sip::ReferReceived& asked) {
    const sip::Uri& uri = asked.refer_to.uri;
    const std::string method = uri.parameter("method").value_or("INVITE");
    const Result<sip::Target> target = literal_target(uri);
    if (method != "INVITE" || !target) {
        return false;
    }
    std::optional<sip::Replaces> replaces;
    if (const auto header = uri.header("Replaces")) {
        const auto parsed = sip::Replaces::parse(*header);
        if (!parsed) {
            return false;
        }
        replaces = *parsed;
    }
    const auto dialog = around_.agent.dialog(*call_);
    if (!dialog) {
        return false;
    }
    around_.agent.accept_refer(step.now, asked.call, asked.refer, around_.sip);
    Following following{.refer = asked.refer,
                        .old_call = asked.call,
                        .new_call = {},
                        .audio = CallAudio(around_.random, wall_, audio_->endpoint(), preference_)};
    sip::InviteRequest request{.target = uri.for_request(),
                               .from = without_tag(dialog->local_party),
                               .to = {},
                               .flow = flow_to(*target, audio_->endpoint()),
                               .alternates = {},
                               .call_id = {},
                               .routes = {},
                               .body = {"application/sdp", following.audio.offer()},
                               .headers = {},
                               .credentials = std::nullopt,
                               .replaces = replaces};
    request.to.uri = uri.for_request();
    if (const auto referred_by = asked.request.header("Referred-By")) {
        request.headers.push_back({"Referred-By", std::string(*referred_by)});  // as it came
    }
    following.new_call = around_.agent.invite(step.now, std::move(request), around_.sip);
    following_.emplace(std::move(following));
    return true;
}

void Session::handle_followed(Step& step, const sip::Event& event) {
    if (const auto* progress = std::get_if<sip::Progress>(&event)) {
        around_.agent.notify_refer(
            step.now, following_->old_call, following_->refer,
            {progress->response.status(), std::string(progress->response.reason())}, around_.sip);
    } else if (const auto* answered = std::get_if<sip::Answered>(&event)) {
        enter_followed(step, *answered);
    } else if (const auto* rejected = std::get_if<sip::Rejected>(&event)) {
        around_.agent.notify_refer(step.now, following_->old_call, following_->refer,
                                   {rejected->status, rejected->reason}, around_.sip);
        following_.reset();
    } else if (std::holds_alternative<sip::Ended>(event)) {
        following_.reset();
    }
}

// The new party is there: it takes the place of the old one, who is told and says BYE. Where he
// does not, we do.
void Session::enter_followed(Step& step, const sip::Answered& answered) {
    Following following = std::move(*following_);
    following_.reset();
    const auto applied = following.audio.apply_answer(step.now, answered.response.body());
    const int status = applied ? 200 : 488;
    around_.agent.notify_refer(step.now, following.old_call, following.refer, {status, {}},
                               around_.sip);
    if (!applied) {
        around_.agent.hangup(step.now, following.new_call, {}, around_.sip);
        return;
    }
    replace_call(step, following.new_call, std::move(following.audio));
}

// The session goes on with another call of the user agent; the one before is hung up.
void Session::replace_call(Step& step, sip::CallHandle call, CallAudio audio) {
    const auto before = std::exchange(call_, call);
    if (join_) {
        join_->audio->pause(join_->side);  // its audio is about to be another one
    }
    audio_.emplace(std::move(audio));
    audio_->track().mute_received(caller_muted_);
    on_hold_ = audio_->is_held();
    own_hold_ = {};
    transferring_.reset();
    if (before) {
        around_.agent.hangup(step.now, *before, {}, around_.sip);
    }
}

// RFC 3891: a new call takes the place of ours; whoever calls knows both tags, which are beyond
// guessing.
void Session::take_over(Step& step, const sip::IncomingCall& incoming) {
    const auto refuse = [&](int status) {
        around_.agent.reject(step.now, incoming.call,
                             sip::Rejection{.status = status, .reason = {}, .headers = {}},
                             around_.sip);
    };
    if (!audio_ || browser_ || is_over()) {
        return refuse(481);
    }
    CallAudio audio(around_.random, wall_, audio_->endpoint(), preference_);
    const std::string_view offer = incoming.request.body();
    Result<std::string> sdp =
        offer.empty() ? Result<std::string>(audio.offer()) : audio.answer(step.now, offer);
    if (!sdp) {
        return refuse(488);
    }
    around_.agent.answer(step.now, incoming.call,
                         sip::Answer{.body = {"application/sdp", *sdp}, .headers = {}},
                         around_.sip);
    const bool was_answered = leg_.is_answered();
    replace_call(step, incoming.call, std::move(audio));
    if (!was_answered) {
        answered(step, std::move(*sdp));
    }
}

}  // namespace patchbay::call
