// SPDX-License-Identifier: Apache-2.0
#include "sip/registrar.hpp"

#include "base/text.hpp"
#include "sip/header.hpp"
#include "sip/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::sip {
namespace {

tl::unexpected<RegisterReply> refuse(int status, std::string reason, ExtraHeaders headers = {}) {
    return tl::unexpected(RegisterReply{status, std::move(reason), std::move(headers)});
}

// q is a number from 0 to 1 with at most three decimals (RFC 3261 25.1); anything else counts as
// not said.
std::uint16_t thousandths(std::string_view q) {
    constexpr std::uint16_t kFirst = 1000;
    const auto [whole, decimals] = split_once(q, '.');
    if (whole != "0" || decimals.size() > 3) {
        return kFirst;
    }
    const std::string padded = std::string(decimals) + std::string(3 - decimals.size(), '0');
    return parse_number<std::uint16_t>(padded).value_or(kFirst);
}

std::string quality_text(std::uint16_t preference) {
    const std::string digits = std::to_string(1000 + preference);
    return preference >= 1000 ? "1.0" : "0." + digits.substr(digits.size() - 3);
}

std::string instance_of(const Contact& contact) {
    const auto instance = contact.parameters.get("+sip.instance");
    if (!instance) {
        return {};
    }
    return std::string(*instance) + '/' +
           std::string(contact.parameters.get("reg-id").value_or(""));
}

SocketAddress address_of(const Uri& uri, const IpAddress& ip, Transport transport) {
    return {ip, uri.port().value_or(default_port(transport))};
}

// By which way requests for the Contact leave.
Flow flow_to(const Contact& contact, const std::vector<NameAddr>& path, const Flow& came_by) {
    Flow flow = came_by;
    if (is_reliable(came_by.transport)) {
        return flow;  // RFC 5626: the connection is the only sure way back
    }
    const Uri& next = path.empty() ? contact.uri : path.front().uri;
    const auto ip = IpAddress::parse(next.host());
    if (!ip || *ip != came_by.remote.ip) {
        return flow;  // a name, or a private address behind a NAT: back to where it came from
    }
    if (equals_ignoring_case(next.parameter("transport").value_or(""), "tcp")) {
        flow.transport = Transport::Tcp;
    }
    flow.remote = address_of(next, *ip, flow.transport);
    return flow;
}

bool is_same_place(const Binding& a, const Binding& b) {
    return a.contact == b.contact || (!a.instance.empty() && a.instance == b.instance);
}

// RFC 3261 10.3 items 6 and 7: within one Call-ID only a higher CSeq changes anything.
bool is_outdated(const Binding& present, std::string_view call_id, std::uint32_t sequence) {
    return present.call_id == call_id && present.sequence >= sequence;
}

}  // namespace

RegisterReply Registrar::handle(Instant now,
                                const Flow& flow,
                                const Message& request,
                                std::string_view user) const {
    const auto to = request.get<To>();
    if (!to || !to->uri.is_sip_or_sips() || to->uri.decoded_user() != user) {
        return {403, "Not Your Address", {}};  // item 4
    }
    auto wishes = read(now, flow, request);
    if (!wishes) {
        return wishes.error();
    }
    const auto updated = locations_.update(
        user, now, [&](const Bindings& present) { return changed(present, *wishes); });
    if (!updated) {
        return updated.error().code == Errc::TooLarge ? RegisterReply{403, "Too Many Contacts", {}}
                                                      : RegisterReply{500, "Old CSeq", {}};
    }
    return accept(now, request, **updated);
}

// Item 6 to 8: all of it or nothing.
Result<Bindings> Registrar::changed(Bindings bindings, const Wishes& wishes) {
    const auto outdated = [&](const Binding& present) {
        return is_outdated(present, wishes.call_id, wishes.sequence);
    };
    if (wishes.all_go) {
        if (std::any_of(bindings.begin(), bindings.end(), outdated)) {
            return fail(Errc::WrongState, "CSeq of REGISTER");
        }
        return Bindings();
    }
    for (const Wish& wish : wishes.list) {
        const auto same = [&](const Binding& one) { return is_same_place(one, wish.binding); };
        if (std::any_of(bindings.begin(), bindings.end(),
                        [&](const Binding& one) { return same(one) && outdated(one); })) {
            return fail(Errc::WrongState, "CSeq of REGISTER");
        }
        std::erase_if(bindings, same);
        if (wish.expires > Seconds(0)) {
            bindings.push_back(wish.binding);
        }
    }
    if (bindings.size() > kMaxContactsPerUser) {
        return fail(Errc::TooLarge, "contacts of a user");
    }
    return bindings;
}

Expected<Registrar::Wishes, RegisterReply> Registrar::read(Instant now,
                                                           const Flow& flow,
                                                           const Message& request) const {
    const auto contacts = request.get_all<Contact>();
    const auto path = request.get_all<Path>();
    const auto call_id = request.get<CallId>();
    const auto sequence = request.get<CSeq>();
    if (!contacts || !path || !call_id || !sequence) {
        return refuse(400, "Bad Contact");
    }
    const auto expires_header = request.get<Expires>();
    const std::optional<Seconds> asked =
        expires_header ? std::optional(Seconds(expires_header->value)) : std::nullopt;
    Wishes wishes{.all_go = false, .list = {}, .sequence = sequence->number, .call_id = call_id->value};
    Binding common{.contact = {},
                   .flow = flow,
                   .path = {path->begin(), path->end()},
                   .call_id = call_id->value,
                   .sequence = sequence->number,
                   .expires_at = now,
                   .instance = {},
                   .user_agent = std::string(request.header(HeaderId::UserAgent).value_or(""))};
    for (const Contact& contact : *contacts) {
        if (contact.wildcard) {
            if (contacts->size() != 1 || asked != Seconds(0)) {
                return refuse(400, "Bad Contact Wildcard");
            }
            wishes.all_go = true;
            return wishes;
        }
        const auto own = contact.expires();
        auto wish =
            read(contact, own ? Seconds(*own) : asked.value_or(config_.default_expires), common);
        if (!wish) {
            return tl::unexpected(std::move(wish).error());
        }
        wishes.list.push_back(std::move(*wish));
    }
    return wishes;
}

Expected<Registrar::Wish, RegisterReply> Registrar::read(const Contact& contact,
                                                         Seconds expires,
                                                         const Binding& common) const {
    if (!contact.uri.is_sip_or_sips()) {
        return refuse(400, "Contact Is No SIP URI");
    }
    if (expires > Seconds(0) && expires < config_.min_expires) {
        return refuse(423, {}, {{"Min-Expires", std::to_string(config_.min_expires.count())}});
    }
    Wish wish{common, std::min(expires, config_.max_expires)};
    wish.binding.contact = contact.uri;
    wish.binding.flow = flow_to(contact, common.path, common.flow);
    wish.binding.expires_at = common.expires_at + wish.expires;
    wish.binding.preference = thousandths(contact.parameters.get("q").value_or("1"));
    wish.binding.instance = instance_of(contact);
    return wish;
}

// Item 8: every present binding with what is left of its time.
RegisterReply Registrar::accept(Instant now, const Message& request, const Bindings& bindings) {
    RegisterReply reply;
    for (const Binding& binding : bindings) {
        Contact contact;
        contact.uri = binding.contact;
        const Nanoseconds left = binding.expires_at - now;
        contact.parameters.set("expires", std::to_string(std::chrono::ceil<Seconds>(left).count()));
        if (binding.preference < 1000) {
            contact.parameters.set("q", quality_text(binding.preference));
        }
        ExtraHeader header{"Contact", {}};
        contact.write(header.value);
        reply.headers.push_back(std::move(header));
    }
    // RFC 3327 5.3: so that the phone sees by which way it is reached.
    for (const Path& hop : request.get_all<Path>().value_or(std::vector<Path>())) {
        ExtraHeader header{"Path", {}};
        hop.write(header.value);
        reply.headers.push_back(std::move(header));
    }
    return reply;
}

}  // namespace patchbay::sip
