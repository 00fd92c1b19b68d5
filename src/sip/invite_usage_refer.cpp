// SPDX-License-Identifier: Apache-2.0
// REFER in a call, both ways, and the NOTIFYs that follow it: RFC 3515, RFC 4488, RFC 6665.
#include "sip/header.hpp"
#include "sip/invite_usage.hpp"
#include "sip/limits.hpp"
#include "sip/status.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::sip {
namespace {

constexpr std::string_view kRefer = "refer";
constexpr std::string_view kReferSub = "Refer-Sub";  // RFC 4488 4
constexpr std::string_view kSipFrag = "message/sipfrag;version=2.0";

bool declines_subscription(const Message& message) {
    const std::string_view value = message.header(kReferSub).value_or("");
    return equals_ignoring_case(trim(split_once(value, ';').first), "false");
}

}  // namespace

// We ask.

void InviteUsage::refer(UsageContext& context, ReferHandle refer, const ReferRequest& request) {
    std::erase_if(refers_out_, [](const OutgoingRefer& one) {
        return one.subscriber.state() == ReferSubscriber::State::Ended;
    });
    if (!is_confirmed() || refers_out_.size() >= kMaxRefers) {
        return emit(context, ReferFinished{handle_, refer, {is_confirmed() ? 491 : 481, {}}});
    }
    const std::uint32_t sequence = dialog_->next_sequence();
    MessageWriter writer =
        dialog_->begin_request(to_string(Method::Refer), sequence, context.identity);
    write_capabilities(writer, context.identity, dialog_->next_hop());
    writer.header(ReferTo(request.refer_to));
    if (request.referred_by) {
        writer.header(ReferredBy(*request.referred_by));
    }
    if (!request.subscribe) {
        writer.header(kReferSub, "false");
    }
    auto message = finish_request(std::move(writer), context.identity, request.headers, {});
    if (!message) {
        return emit(context, ReferFinished{handle_, refer, {400, {}}});
    }
    const ClientId id =
        start(context, dialog_->next_hop(), std::move(*message), dialog_->remote_tag());
    refers_out_.push_back({.handle = refer, .transaction = id, .sequence = sequence});
}

void InviteUsage::handle_refer_response(UsageContext& context,
                                        ClientId id,
                                        int status,
                                        const Message* response) {
    const auto found =
        std::find_if(refers_out_.begin(), refers_out_.end(),
                     [id](const OutgoingRefer& one) { return one.transaction == id; });
    if (found == refers_out_.end() || found->subscriber.state() == ReferSubscriber::State::Ended) {
        return;
    }
    if (!is_success(status)) {
        const std::string_view reason = response != nullptr ? response->reason() : "";
        return report_refer(context, found->handle,
                            found->subscriber.handle_refused(status, reason));
    }
    emit(context, ReferAccepted{handle_, found->handle});
    report_refer(context, found->handle,
                 found->subscriber.handle_accepted(context.now, !declines_subscription(*response)));
}

void InviteUsage::report_refer(UsageContext& context,
                               ReferHandle refer,
                               const std::optional<ReferSubscriber::News>& news) {
    if (!news) {
        return;
    }
    if (news->final) {
        emit(context, ReferFinished{handle_, refer, news->status});
    } else {
        emit(context, ReferProgress{handle_, refer, news->status});
    }
}

void InviteUsage::handle_notify(UsageContext& context, ServerRequest request) {
    const auto event = request.message.get<EventPackage>();
    if (!event || event->package != kRefer) {
        const ExtraHeaders allowed{{"Allow-Events", std::string(kRefer)}};
        return respond(context, request, {.status = 489, .own = &allowed});
    }
    const auto state = request.message.get<SubscriptionState>();
    if (!state) {
        return respond(context, request, {.status = 400, .reason = "Subscription-State Missing"});
    }
    OutgoingRefer* refer = find_subscription(*event);
    if (refer == nullptr) {
        return respond(context, request, {.status = 481});
    }
    respond(context, request, {.status = 200});
    std::optional<Seconds> expires;
    if (const auto seconds = state->expires()) {
        expires = Seconds(*seconds);
    }
    const ReferHandle handle = refer->handle;
    report_refer(
        context, handle,
        refer->subscriber.handle_notify(context.now, parse_refer_status(request.message.body()),
                                        state->is_terminated(), expires));
    if (state->is_terminated()) {
        std::erase_if(refers_out_,
                      [handle](const OutgoingRefer& one) { return one.handle == handle; });
    }
}

// RFC 3515 2.4.6: the number of the REFER, which the first one of a dialog may leave out.
InviteUsage::OutgoingRefer* InviteUsage::find_subscription(const EventPackage& event) {
    const auto found =
        std::find_if(refers_out_.begin(), refers_out_.end(), [&event](const OutgoingRefer& one) {
            return !event.id() || *event.id() == std::to_string(one.sequence);
        });
    return found == refers_out_.end() ? nullptr : &*found;
}

// We are asked.

void InviteUsage::handle_refer(UsageContext& context, ServerRequest request) {
    const auto refer_to = request.message.get<ReferTo>();
    if (is_over() || closed_) {
        return respond(context, request, {.status = 481});
    }
    if (!refer_to) {  // RFC 3515 2.4.2: exactly one
        return respond(context, request,
                       {.status = 400, .reason = "Refer-To Missing Or Malformed"});
    }
    if (!is_confirmed() || refers_in_.size() >= kMaxRefers) {
        return respond_later(context, request);
    }
    const auto cseq = request.message.get<CSeq>();
    IncomingRefer refer{.handle = ReferHandle(++context.last_handle),
                        .sequence = cseq ? cseq->number : 0,
                        .subscribed = !declines_subscription(request.message),
                        .numbered = std::exchange(was_referred_, true),
                        .request = std::move(request)};
    emit(context, ReferReceived{handle_, refer.handle, *refer_to, refer.request->message});
    refers_in_.push_back(std::move(refer));
}

InviteUsage::IncomingRefer* InviteUsage::find_refer(ReferHandle refer) {
    const auto found =
        std::find_if(refers_in_.begin(), refers_in_.end(),
                     [refer](const IncomingRefer& one) { return one.handle == refer; });
    return found == refers_in_.end() ? nullptr : &*found;
}

void InviteUsage::accept_refer(UsageContext& context, ReferHandle handle) {
    IncomingRefer* refer = find_refer(handle);
    if (refer == nullptr || !refer->request) {
        return;
    }
    const ServerRequest request = *std::exchange(refer->request, std::nullopt);
    if (!refer->subscribed) {
        const ExtraHeaders none{{std::string(kReferSub), "false"}};
        respond(context, request, {.status = 202, .own = &none});
        std::erase_if(refers_in_, [&](const IncomingRefer& one) { return one.handle == handle; });
        return;
    }
    respond(context, request, {.status = 202});
    refer->notifier.emplace(context.now);
    notify_refer(context, handle, {100, {}});
}

void InviteUsage::refuse_refer(UsageContext& context,
                               ReferHandle handle,
                               const Rejection& rejection) {
    IncomingRefer* refer = find_refer(handle);
    if (refer == nullptr || !refer->request) {
        return;
    }
    respond(
        context, *refer->request,
        {.status = rejection.status, .reason = rejection.reason, .headers = &rejection.headers});
    std::erase_if(refers_in_, [&](const IncomingRefer& one) { return one.handle == handle; });
}

void InviteUsage::notify_refer(UsageContext& context, ReferHandle handle, ReferStatus status) {
    IncomingRefer* refer = find_refer(handle);
    if (refer == nullptr || !refer->notifier) {
        return;
    }
    if (const auto next = refer->notifier->report(std::move(status))) {
        send_notify(context, *refer, *next, "noresource");
    }
}

void InviteUsage::send_notify(UsageContext& context,
                              IncomingRefer& refer,
                              const ReferStatus& status,
                              std::string_view end_reason) {
    EventPackage event{std::string(kRefer), {}};
    if (refer.numbered) {
        event.parameters.set("id", std::to_string(refer.sequence));
    }
    SubscriptionState state{status.is_final() ? "terminated" : "active", {}};
    if (status.is_final()) {
        state.parameters.set("reason", end_reason);
    } else {
        state.parameters.set("expires",
                             std::to_string(refer.notifier->remaining(context.now).count()));
    }
    MessageWriter writer = dialog_->begin_request(to_string(Method::Notify),
                                                  dialog_->next_sequence(), context.identity);
    write_capabilities(writer, context.identity, dialog_->next_hop());
    writer.header(event).header(state);
    auto notify = finish_request(std::move(writer), context.identity, {},
                                 {std::string(kSipFrag), write_refer_status(status)});
    if (!notify) {
        refer.notifier->handle_gone();
        return;
    }
    refer.transaction =
        start(context, dialog_->next_hop(), std::move(*notify), dialog_->remote_tag());
}

void InviteUsage::handle_notify_response(UsageContext& context, ClientId id, int status) {
    const auto refer =
        std::find_if(refers_in_.begin(), refers_in_.end(),
                     [id](const IncomingRefer& one) { return one.transaction == id; });
    if (refer == refers_in_.end() || !refer->notifier) {
        return;
    }
    if (!is_success(status)) {
        refer->notifier->handle_gone();
    } else if (const auto next = refer->notifier->handle_answered()) {
        send_notify(context, *refer, *next, "noresource");
    }
    if (refer->notifier->is_ended()) {
        refers_in_.erase(refer);
    }
}

void InviteUsage::refuse_pending_refers(UsageContext& context) {
    for (IncomingRefer& refer : refers_in_) {
        if (refer.request) {
            respond(context, *refer.request, {.status = 487});
        }
    }
    std::erase_if(refers_in_, [](const IncomingRefer& one) { return one.request.has_value(); });
}

void InviteUsage::handle_refer_timeouts(UsageContext& context) {
    for (OutgoingRefer& refer : refers_out_) {
        if (const auto due = refer.subscriber.next_timeout(); due && *due <= context.now) {
            report_refer(context, refer.handle, refer.subscriber.handle_timeout());
        }
    }
    for (IncomingRefer& refer : refers_in_) {
        const auto due = refer.notifier ? refer.notifier->next_timeout() : std::nullopt;
        if (due && *due <= context.now) {
            if (const auto last = refer.notifier->handle_timeout()) {
                send_notify(context, refer, *last, "timeout");
            }
        }
    }
    std::erase_if(refers_in_, [](const IncomingRefer& one) {
        return one.notifier && one.notifier->is_ended();
    });
}

std::optional<Instant> InviteUsage::next_refer_timeout() const {
    std::optional<Instant> next;
    for (const OutgoingRefer& refer : refers_out_) {
        next = earlier(next, refer.subscriber.next_timeout());
    }
    for (const IncomingRefer& refer : refers_in_) {
        next = earlier(next, refer.notifier ? refer.notifier->next_timeout() : std::nullopt);
    }
    return next;
}

bool InviteUsage::has_live_refers() const {
    return !refers_in_.empty() ||
           std::any_of(refers_out_.begin(), refers_out_.end(), [](const OutgoingRefer& one) {
               return one.subscriber.state() != ReferSubscriber::State::Ended;
           });
}

}  // namespace patchbay::sip
