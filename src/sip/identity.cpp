// SPDX-License-Identifier: Apache-2.0
#include "sip/identity.hpp"

#include "sip/limits.hpp"
#include "sip/steering.hpp"

#include <algorithm>
#include <array>

namespace patchbay::sip {
namespace {

// 32 symbols each, so 80 and 100 bits: beyond guessing (RFC 3261 19.3 asks for 32).
constexpr std::size_t kTagLength = 16;
constexpr std::size_t kBranchLength = 16;
constexpr std::size_t kCallIdLength = 20;

constexpr std::array kServed{Method::Invite,  Method::Ack,    Method::Bye,    Method::Cancel,
                             Method::Options, Method::Info,   Method::Prack,  Method::Update,
                             Method::Refer,   Method::Notify, Method::Message};

// RFC 3262, 3891, 4028, 4488. The last is left out where an operator does without it.
constexpr std::array<std::string_view, 4> kExtensions{"replaces", "timer", "norefersub", "100rel"};

std::string host_text(const IpAddress& ip) {
    return ip.is_v6() ? '[' + ip.to_string() + ']' : ip.to_string();
}

bool is_ours_to_write(HeaderId id) {
    constexpr std::array kOurs{
        HeaderId::Via,           HeaderId::From,        HeaderId::To,
        HeaderId::CallId,        HeaderId::CSeq,        HeaderId::MaxForwards,
        HeaderId::Route,         HeaderId::RecordRoute, HeaderId::Contact,
        HeaderId::ContentLength, HeaderId::ContentType, HeaderId::Require,
        HeaderId::ProxyRequire,  HeaderId::Supported,   HeaderId::Allow,
        HeaderId::RSeq,          HeaderId::RAck,        HeaderId::SessionExpires,
        HeaderId::MinSe,         HeaderId::Event,       HeaderId::SubscriptionState,
        HeaderId::ReferTo};
    return std::find(kOurs.begin(), kOurs.end(), id) != kOurs.end();
}

}  // namespace

bool is_served(Method method) {
    return std::find(kServed.begin(), kServed.end(), method) != kServed.end();
}

const Allow& served_methods() {
    static const Allow allow = [] {
        Allow list;
        for (const Method method : kServed) {
            list.tokens.emplace_back(to_string(method));
        }
        return list;
    }();
    return allow;
}

std::span<const std::string_view> Identity::supported_extensions() const {
    return std::span(kExtensions)
        .first(kExtensions.size() - (names_.reliable_provisionals ? 0 : 1));
}

std::span<const std::string_view> accepted_content_types() {
    static constexpr std::array<std::string_view, 1> kTypes{"application/sdp"};
    return kTypes;
}

std::string Identity::make_branch() const {
    return std::string(kBranchCookie) + shard_mark(names_.shard) + random_.token(kBranchLength);
}

std::string Identity::make_tag() const {
    return shard_mark(names_.shard) + random_.token(kTagLength);
}

std::string Identity::make_call_id() const {
    return random_.token(kCallIdLength);
}

Via Identity::via(const Flow& flow) const {
    const SocketAddress address = visible_address(flow);
    Via via;
    via.transport = via_transport(flow.transport);
    via.host = host_text(address.ip);
    via.port = address.port;
    via.parameters.set("branch", make_branch());
    via.parameters.set_flag("rport");
    return via;
}

Contact Identity::contact(const Flow& flow, std::string_view user) const {
    const SocketAddress address = visible_address(flow);
    Contact contact;
    contact.uri = Uri::sip(user.empty() ? shard_mark(names_.shard) : std::string(user),
                           host_text(address.ip), address.port);
    if (flow.transport != Transport::Udp) {
        contact.uri.set_parameter("transport", uri_transport(flow.transport));
    }
    return contact;
}

Flow Identity::flow_for(const Flow& flow, std::size_t size) const {
    Flow chosen = flow;
    if (names_.tcp_for_large_requests && flow.transport == Transport::Udp &&
        size > kMaxDatagramRequestBytes) {
        chosen.transport = Transport::Tcp;
    }
    return chosen;
}

// A peer on loopback would not reach us by the address that the world sees, nor would one inside
// the NAT.
SocketAddress Identity::visible_address(const Flow& flow) const {
    SocketAddress address = flow.local;
    if (names_.external_address) {
        address.ip = flow.remote.ip.is_loopback() ? address.ip : *names_.external_address;
        return address;
    }
    const auto found = learned_.find({flow.transport, flow.local});
    return found != learned_.end() && !flow.remote.ip.is_private() ? found->second : address;
}

void Identity::learn(const Flow& flow, const Via& seen) {
    const auto ip = IpAddress::parse(seen.received().value_or(seen.host));
    if (!ip || ip->is_v6() != flow.local.ip.is_v6()) {
        return;
    }
    // The port of a connection is that of its other end only; nobody can connect to it.
    const bool stream = is_reliable(flow.transport);
    const SocketAddress address{*ip,
                                stream ? flow.local.port : seen.rport().value_or(flow.local.port)};
    const std::pair key(flow.transport, flow.local);
    if (address == flow.local) {
        learned_.erase(key);
    } else if (learned_.contains(key) || learned_.size() < kMaxLearnedAddresses) {
        learned_[key] = address;
    }
}

void append_extra_headers(MessageWriter& writer, const ExtraHeaders& headers) {
    for (const ExtraHeader& header : headers) {
        if (!is_ours_to_write(header_id(header.name)) && is_header_name(header.name) &&
            is_header_value(header.value)) {
            writer.header(header.name, header.value);
        }
    }
}

}  // namespace patchbay::sip
