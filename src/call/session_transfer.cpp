// SPDX-License-Identifier: Apache-2.0
// We ask the far end to call somebody else (REFER, RFC 5589).
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
    if (one_description_ || !around_.agent.peer_allows(*call_, sip::Method::Refer).value_or(true)) {
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

}  // namespace patchbay::call
