// SPDX-License-Identifier: Apache-2.0
#include "sip/dialog.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace patchbay::sip {
namespace {

Result<std::vector<Route>> record_route(const Message& message) {
    PB_TRY(const auto recorded, message.get_all<RecordRoute>());
    std::vector<Route> routes;
    for (const RecordRoute& hop : recorded) {
        routes.emplace_back(hop);
    }
    return routes;
}

NameAddr with_tag(NameAddr party, std::string_view tag) {
    if (!tag.empty()) {
        party.set_tag(tag);
    }
    return party;
}

// A stream stays what it is; a datagram may be told to become one (RFC 3261 18.1.1).
Transport next_hop_transport(Transport ours, const Uri& hop) {
    const bool tcp = equals_ignoring_case(hop.parameter("transport").value_or(""), "tcp");
    return ours == Transport::Udp && tcp ? Transport::Tcp : ours;
}

}  // namespace

Result<Dialog> Dialog::from_request(const Message& invite,
                                    std::string_view local_tag,
                                    const Flow& flow) {
    PB_TRY(const CallId call_id, invite.get<CallId>());
    PB_TRY(const From from, invite.get<From>());
    PB_TRY(const To to, invite.get<To>());
    PB_TRY(const Contact contact, invite.get<Contact>());
    PB_TRY(const CSeq cseq, invite.get<CSeq>());
    PB_TRY(auto routes, record_route(invite));
    Dialog dialog;
    dialog.call_id_ = call_id.value;
    dialog.local_ = with_tag(to, local_tag);
    dialog.remote_ = from;
    dialog.target_ = contact.uri;
    dialog.routes_ = std::move(routes);  // in order (12.1.1)
    dialog.flow_ = flow;
    dialog.remote_sequence_ = cseq.number;
    return dialog;
}

Result<Dialog> Dialog::from_response(const Message& invite,
                                     const Message& response,
                                     const Flow& flow) {
    PB_TRY(const CallId call_id, invite.get<CallId>());
    PB_TRY(const From from, invite.get<From>());
    PB_TRY(const To to, response.get<To>());
    PB_TRY(const CSeq cseq, invite.get<CSeq>());
    PB_TRY(auto routes, record_route(response));
    std::reverse(routes.begin(), routes.end());  // 12.1.2
    Dialog dialog;
    dialog.call_id_ = call_id.value;
    dialog.local_ = from;
    dialog.remote_ = to;
    // A 2xx without Contact breaks 12.1.1; where we sent the INVITE is the best guess.
    const auto contact = response.get<Contact>();
    if (contact) {
        dialog.target_ = contact->uri;
    } else {
        PB_TRY(dialog.target_, Uri::parse(invite.request_uri()));
    }
    dialog.routes_ = std::move(routes);
    dialog.flow_ = flow;
    dialog.local_sequence_ = cseq.number;
    return dialog;
}

Result<void> Dialog::accept_sequence(const Message& request) {
    PB_TRY(const CSeq cseq, request.get<CSeq>());
    if (remote_sequence_ && cseq.number < *remote_sequence_) {
        return fail(Errc::WrongState, "CSeq", cseq.number);
    }
    remote_sequence_ = cseq.number;
    return {};
}

void Dialog::continue_sequence(const Dialog& early) {
    local_sequence_ = std::max(local_sequence_, early.local_sequence_);
    remote_sequence_ = early.remote_sequence_;
}

void Dialog::refresh_target(const Message& message) {
    if (const auto contact = message.get<Contact>(); contact && !contact->wildcard) {
        target_ = contact->uri;
    }
}

MessageWriter Dialog::begin_request(std::string_view method,
                                    std::uint32_t sequence,
                                    const Identity& identity) const {
    const bool strict = first_hop_is_strict();
    MessageWriter writer = MessageWriter::request(
        method, strict ? routes_.front().uri.for_request() : target_.for_request());
    writer.header(identity.via(next_hop()));
    for (std::size_t i = strict ? 1 : 0; i < routes_.size(); ++i) {
        writer.header(routes_[i]);
    }
    if (strict) {  // 12.2.1.1: the target travels as the last route
        Route last;
        last.uri = target_;
        writer.header(last);
    }
    writer.header(MaxForwards{kDefaultMaxForwards})
        .header(From(local_))
        .header(To(remote_))
        .header(CallId{call_id_})
        .header(CSeq{sequence, std::string(method)});
    return writer;
}

Flow Dialog::next_hop() const {
    Flow flow = flow_;
    const std::optional<SocketAddress> hop = next_hop_address();
    // A private address in the Contact of a peer that we see at a public one is that of the inside
    // of its NAT: the hole it talks through is the way in.
    if (!hop || (hop->ip.is_private() && !flow.remote.ip.is_private())) {
        return flow;
    }
    const bool stream = is_reliable(flow.transport);
    flow.transport = next_hop_transport(flow.transport, next_hop_uri());
    if (stream && flow.connection != 0) {
        flow.reconnect = *hop;  // its connection serves as long as it lives (RFC 5923)
    } else if (!stream || (flow.transport == Transport::Tcp && hop->ip != flow.remote.ip)) {
        flow.remote = *hop;
    }
    return flow;
}

std::optional<SocketAddress> Dialog::next_hop_address() const {
    const Uri& uri = next_hop_uri();
    if (const auto literal = IpAddress::parse(uri.host())) {
        const Transport transport = next_hop_transport(flow_.transport, uri);
        return SocketAddress{*literal, uri.port().value_or(default_port(transport))};
    }
    return taken_hop_ == uri ? found_hop_ : std::nullopt;
}

std::optional<Uri> Dialog::take_unresolved_hop() {
    const Uri& uri = next_hop_uri();
    const bool web_socket = flow_.transport == Transport::Ws || flow_.transport == Transport::Wss;
    if (web_socket || taken_hop_ == uri || IpAddress::parse(uri.host())) {
        return std::nullopt;
    }
    taken_hop_ = uri;
    found_hop_.reset();
    return taken_hop_;
}

void Dialog::set_hop(const Uri& hop, std::span<const Target> targets) {
    if (taken_hop_ != hop) {
        return;
    }
    const Transport transport = next_hop_transport(flow_.transport, hop);
    const auto found = std::find_if(targets.begin(), targets.end(), [&](const Target& target) {
        return target.transport == transport && target.address.ip.is_v6() == flow_.local.ip.is_v6();
    });
    if (found != targets.end()) {
        found_hop_ = found->address;
    }
}

void Dialog::follow(const Flow& flow) {
    if (flow_.connection != 0 && is_reliable(flow.transport)) {
        flow_ = flow;
    }
}

std::string Dialog::describe() const {
    std::string out = "dialog " + call_id_ + '/';
    out.append(local_tag());
    out += '/';
    out.append(remote_tag());
    out += " cseq " + std::to_string(local_sequence_) + '/' +
           std::to_string(remote_sequence_.value_or(0));
    return out + " to " + target_.to_string();
}

const Uri& Dialog::next_hop_uri() const {
    return routes_.empty() ? target_ : routes_.front().uri;
}

bool Dialog::first_hop_is_strict() const {
    return !routes_.empty() && !routes_.front().uri.is_loose_router();
}

}  // namespace patchbay::sip
