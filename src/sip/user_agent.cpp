// SPDX-License-Identifier: Apache-2.0
// What comes in from the network: RFC 3261 8.2 and 12.2.2.
#include "sip/user_agent.hpp"

#include "base/text.hpp"
#include "sip/header.hpp"
#include "sip/limits.hpp"
#include "sip/multipart.hpp"
#include "sip/status.hpp"
#include "sip/steering.hpp"
#include "sip/validation.hpp"

#include <functional>
#include <utility>

namespace patchbay::sip {
namespace {

// A WebSocket message has an end of its own, so Content-Length may be left out (RFC 7118 5.2).
Capabilities capabilities(const Identity& identity, const Flow& flow) {
    const bool stream = flow.transport == Transport::Tcp || flow.transport == Transport::Tls;
    return {.extensions = identity.supported_extensions(),
            .content_types = accepted_content_types(),
            .framing = stream ? Framing::Stream : Framing::Datagram};
}

// A refusal leaves no state behind, so that no flood of them fills the memory. Its tag is made of
// the request: repeats get the same one (RFC 3261 8.2.7).
std::string stateless_tag(unsigned shard, const Message& request) {
    const auto via = request.header(HeaderId::Via).value_or("");
    const auto call_id = request.header(HeaderId::CallId).value_or("");
    const std::size_t hash =
        std::hash<std::string_view>{}(via) ^ (std::hash<std::string_view>{}(call_id) * 31);
    return shard_mark(shard) + std::to_string(hash);
}

std::optional<std::string> to_tag_of(const Message& message) {
    const auto to = message.get<To>();
    if (!to || !to->tag()) {
        return std::nullopt;
    }
    return std::string(*to->tag());
}

}  // namespace

UserAgent::UserAgent(UserAgentConfig config, Random& random)
    : config_(std::move(config)),
      identity_({.shard = config_.shard,
                 .product = config_.product,
                 .external_address = config_.external_address,
                 .tcp_for_large_requests = config_.tcp_for_large_requests,
                 .reliable_provisionals = config_.reliable_provisionals},
                random) {}

void UserAgent::handle_message(Instant now, const Flow& flow, ByteView message, Outputs& out) {
    auto parsed = Message::parse(message);
    if (!parsed) {
        return;  // nothing in it that could be answered
    }
    *parsed = open_multipart(std::move(*parsed), accepted_content_types());
    UsageContext step = context(now, out);
    survives(step, [&] {
        if (parsed->is_request()) {
            handle_request(step, flow, std::move(*parsed));
        } else {
            handle_response(step, flow, std::move(*parsed));
        }
    });
}

void UserAgent::handle_request(UsageContext& context, const Flow& flow, Message request) {
    using Verdict = transaction::Servers::Verdict;
    if (servers_.absorb(context.now, request, context.out.transmits) == Verdict::Repeat) {
        return;
    }
    if (const auto refusal = check_request(request, capabilities(identity_, flow))) {
        ExtraHeaders headers;
        for (const std::string& option : refusal->unsupported) {
            headers.push_back({"Unsupported", option});
        }
        return refuse(context, flow, request,
                      {.status = refusal->status, .reason = refusal->reason, .headers = &headers});
    }
    const Method method = request.method();
    if (method == Method::Ack) {
        return handle_ack(context, std::move(request));
    }
    if (method == Method::Cancel) {
        return handle_cancel(context, flow, std::move(request));
    }
    const bool served = is_served(method) || (method == Method::Register && config_.registrar);
    if (!served) {  // 8.2.1
        return refuse(context, flow, request, {.status = method == Method::Other ? 501 : 405});
    }
    if (servers_.size() >= kMaxServerTransactions) {
        const ExtraHeaders later{{"Retry-After", std::to_string(kOverloadRetryAfterSeconds)}};
        return refuse(context, flow, request, {.status = 503, .headers = &later});
    }
    if (to_tag_of(request)) {
        return handle_in_dialog(context, flow, std::move(request));
    }
    handle_out_of_dialog(context, flow, std::move(request));
}

void UserAgent::handle_ack(UsageContext& context, Message ack) {
    InviteUsage* usage = find(ack, to_tag_of(ack));
    if (usage != nullptr) {
        run(context, usage->handle(), [&] { usage->handle_ack(context, std::move(ack)); });
    }
}

// 9.2: always answered 200 when there is an INVITE for it, whether or not it comes in time.
void UserAgent::handle_cancel(UsageContext& context, const Flow& flow, Message cancel) {
    const auto canceled = servers_.canceled_by(cancel);
    if (!canceled) {
        return refuse(context, flow, cancel, {.status = 481});
    }
    const CallHandle handle(canceled->owner.value());
    InviteUsage* usage = find(handle);
    const auto id = servers_.open(context.now, flow, cancel, canceled->owner);
    if (!id) {
        return;
    }
    const std::string tag =
        usage != nullptr ? usage->local_tag() : stateless_tag(config_.shard, cancel);
    servers_.respond(context.now, *id, 200,
                     make_response(identity_, cancel, flow, {.status = 200, .to_tag = tag}),
                     context.out.transmits);
    if (usage != nullptr) {
        run(context, handle,
            [&] { usage->handle_cancel(context, canceled->id, std::move(cancel)); });
    }
}

void UserAgent::handle_in_dialog(UsageContext& context, const Flow& flow, Message request) {
    InviteUsage* usage = find(request, to_tag_of(request));
    if (usage == nullptr) {
        return refuse(context, flow, request, {.status = 481});
    }
    const CallHandle handle = usage->handle();
    const auto id = servers_.open(context.now, flow, request, transaction::Owner(handle.value()));
    if (id) {
        run(context, handle,
            [&] { usage->handle_request(context, {*id, flow, std::move(request)}); });
    }
}

void UserAgent::handle_out_of_dialog(UsageContext& context, const Flow& flow, Message request) {
    if (servers_.is_merged(request)) {
        return refuse(context, flow, request, {.status = 482});  // 8.2.2.2
    }
    auto admitted = admit(context, flow, request);
    if (!admitted) {
        return;
    }
    switch (request.method()) {
        case Method::Invite:
            return handle_new_invite(context, flow, std::move(request), std::move(*admitted));
        case Method::Register:
            context.out.events.push_back(
                RegisterReceived{flow, std::move(request), std::move(*admitted)});
            return;
        case Method::Options:
            if (config_.answer_options) {
                refuse(context, flow, request, {.status = 200});
            }
            return;
        // Nobody but the parties of a call is listened to.
        case Method::Refer:
        case Method::Message: return refuse(context, flow, request, {.status = 403});
        default: return refuse(context, flow, request, {.status = 481});  // BYE, INFO, NOTIFY
    }
}

void UserAgent::handle_new_invite(UsageContext& context,
                                  const Flow& flow,
                                  Message invite,
                                  Admitted admitted) {
    if (usages_.size() >= config_.max_calls) {
        const ExtraHeaders later{{"Retry-After", std::to_string(kOverloadRetryAfterSeconds)}};
        return refuse(context, flow, invite, {.status = 503, .headers = &later});
    }
    const SessionTimer timer(config_.session_timer);
    if (const auto least = timer.refusal_of(invite)) {
        const ExtraHeaders minimum{{"Min-SE", std::to_string(least->count())}};
        return refuse(context, flow, invite, {.status = 422, .own = &minimum});
    }
    const Replacement replaced = find_replaced(invite);
    if (replaced.refusal != 0) {
        return refuse(context, flow, invite, {.status = replaced.refusal});
    }
    open_incoming(context, flow, std::move(invite), std::move(admitted), replaced.call);
}

void UserAgent::open_incoming(UsageContext& context,
                              const Flow& flow,
                              Message invite,
                              Admitted admitted,
                              std::optional<CallHandle> replaces) {
    const CallHandle handle(++last_handle_);
    const auto id = servers_.open(context.now, flow, invite, transaction::Owner(handle.value()));
    if (!id) {
        return;
    }
    // At once, not after 200 ms: a call may take that long to route (17.2.1).
    servers_.respond(context.now, *id, 100, make_response(identity_, invite, flow, {.status = 100}),
                     context.out.transmits);
    const std::string tag = stateless_tag(config_.shard, invite);
    ResponseContent content{.status = 500, .reason = {}, .to_tag = tag};
    const bool sound = survives(context, [&] {
        auto usage =
            InviteUsage::be_called(context, handle, {*id, flow, invite, admitted}, replaces);
        if (usage) {
            return add(handle, std::move(*usage));
        }
        content.status = 400;
        content.reason = "No Usable Contact";
    });
    if (!sound || !usages_.contains(handle)) {
        servers_.respond(context.now, *id, content.status,
                         make_response(identity_, invite, flow, content), context.out.transmits);
    }
}

void UserAgent::handle_response(UsageContext& context, const Flow& flow, Message response) {
    // More than one Via: it strayed here on its way to another (8.1.3.3).
    const auto vias = response.get_all<Via>();
    if (!check_response(response) || !vias || vias->size() != 1) {
        return;
    }
    const Method method = response.method();
    const bool tells_our_address = config_.learn_public_address && response.status() >= 200 &&
                                   (method == Method::Register || method == Method::Options);
    transaction::ClientOutputs outputs{context.out.transmits, {}};
    const auto stray = clients_.handle_response(context.now, std::move(response), outputs);
    if (tells_our_address && !stray) {  // an answer to a question of ours
        identity_.learn(flow, vias->front());
    }
    drain(context, std::move(outputs.events));
    if (!stray || !is_success(stray->status()) || stray->method() != Method::Invite) {
        return;
    }
    const auto from = stray->get<From>();
    InviteUsage* usage = from && from->tag() ? find(*stray, from->tag()) : nullptr;
    if (usage != nullptr) {
        run(context, usage->handle(), [&] { usage->handle_stray_success(context, *stray); });
    }
}

// Answers without a transaction. Nothing answers an ACK.
void UserAgent::refuse(UsageContext& context,
                       const Flow& flow,
                       const Message& request,
                       const ResponseContent& content) const {
    // Without a Via there is nowhere to answer to (18.2.2), and the answer would be many times as
    // long.
    if (request.method() == Method::Ack || request.count(HeaderId::Via) == 0) {
        return;
    }
    const std::string tag = stateless_tag(config_.shard, request);
    ResponseContent tagged = content;
    tagged.to_tag = tag;
    std::string response = make_response(identity_, request, flow, tagged);
    if (!response.empty()) {
        context.out.transmits.push_back(
            {transaction::response_flow(flow, request), std::move(response)});
    }
}

}  // namespace patchbay::sip
