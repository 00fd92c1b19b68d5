// SPDX-License-Identifier: Apache-2.0
#include "sip/compose.hpp"

#include "base/text.hpp"
#include "sip/header.hpp"
#include "sip/status.hpp"

#include <algorithm>
#include <array>

namespace patchbay::sip {
namespace {

void write_accept(MessageWriter& writer) {
    for (const std::string_view type : accepted_content_types()) {
        writer.header("Accept", type);
    }
    writer.header("Accept", "multipart/mixed");  // RFC 5621 3.1
}

void write_supported(MessageWriter& writer, const Identity& identity) {
    Supported supported;
    for (const std::string_view option : identity.supported_extensions()) {
        supported.tokens.emplace_back(option);
    }
    writer.header(supported);
}

void write_body(MessageWriter& writer, const Body& body) {
    if (!body.empty() && is_header_value(body.content_type)) {
        writer.body(body.content_type, body.text);
    }
}

Result<Message> finish(MessageWriter& writer) {
    PB_TRY(const std::string text, writer.finish());
    return Message::parse(text);
}

// What requests inside and outside dialogs end with.
Result<Message> finish_common(MessageWriter& writer,
                              const Identity& identity,
                              const ExtraHeaders& headers,
                              const Body& body) {
    writer.header("User-Agent", identity.product());
    append_extra_headers(writer, headers);
    write_body(writer, body);
    return finish(writer);
}

// What a request outside a dialog begins with (8.1.1).
struct Opening {
    std::string_view method;
    const Uri& target;
    const Flow& flow;
    const std::vector<NameAddr>& routes;
    const NameAddr& from;
    std::string_view from_tag;
    const NameAddr& to;
    const std::string& call_id;
    std::uint32_t sequence;
    std::uint32_t max_forwards = kDefaultMaxForwards;
};

// What a call that is forwarded has left; the usual for any other (8.1.1.6).
std::uint32_t forwards_left(const ExtraHeaders& headers) {
    for (const ExtraHeader& header : headers) {
        if (header_id(header.name) == HeaderId::MaxForwards) {
            const auto left = MaxForwards::parse(header.value);
            return left ? left->value : kDefaultMaxForwards;
        }
    }
    return kDefaultMaxForwards;
}

MessageWriter begin(const Identity& identity, const Opening& opening) {
    MessageWriter writer = MessageWriter::request(opening.method, opening.target.for_request());
    writer.header(identity.via(opening.flow));
    for (const NameAddr& route : opening.routes) {
        writer.header(Route(route));
    }
    From from(opening.from);
    from.set_tag(opening.from_tag);
    To to(opening.to);
    to.parameters.remove("tag");
    writer.header(MaxForwards{opening.max_forwards})
        .header(from)
        .header(to)
        .header(CallId{opening.call_id})
        .header(CSeq{opening.sequence, std::string(opening.method)});
    return writer;
}

// The places of a redirection or of a registration are the user's to name; everywhere else Contact
// is us.
bool names_other_contacts(const Message& request, int status) {
    return status / 100 == 3 || (is_success(status) && request.method() == Method::Register);
}

void write_contacts(MessageWriter& writer, const ExtraHeaders& headers) {
    for (const ExtraHeader& header : headers) {
        if (header_id(header.name) == HeaderId::Contact && is_header_value(header.value)) {
            writer.header(header_name(HeaderId::Contact), header.value);
        }
    }
}

// RFC 3261 8.1.1.8, 12.1.1: who asked by sips: is answered and called by sips: only.
Contact contact_for(const Identity& identity, const Flow& flow, bool secure) {
    Contact contact = identity.contact(flow);
    if (secure) {
        contact.uri.set_scheme(Uri::Scheme::Sips);
        contact.uri.remove_parameter("transport");
        if (flow.transport == Transport::Wss) {
            contact.uri.set_parameter("transport", "ws");  // RFC 7118 knows one name for both
        }
    }
    return contact;
}

bool makes_dialog(const Message& request, int status) {
    return request.method() == Method::Invite && status > 100 && status < 300;
}

// RFC 3311 5.2, RFC 3515 2.4.2: what may change the remote target says what the target is.
bool wants_contact(const Message& request, int status) {
    const Method method = request.method();
    return makes_dialog(request, status) ||
           (is_success(status) && (method == Method::Update || method == Method::Refer));
}

// RFC 3261 20.5; early, so that the peer knows whether UPDATE is understood (RFC 3311 4).
bool wants_capabilities(const Message& request, int status) {
    const Method method = request.method();
    return makes_dialog(request, status) ||
           (is_success(status) && (method == Method::Options || method == Method::Update));
}

bool wants_accept(const Message& request, int status) {
    return status == 415 || status == 406 ||
           (is_success(status) && request.method() == Method::Options);
}

}  // namespace

std::string make_response(const Identity& identity,
                          const Message& request,
                          const Flow& flow,
                          const ResponseContent& content) {
    const int status = content.status;
    MessageWriter writer = MessageWriter::response(
        request, {.status = status,
                  .reason = is_header_value(content.reason) ? content.reason : std::string_view(),
                  .to_tag = status == 100 ? std::string_view() : content.to_tag,
                  .source = flow.remote});
    if (makes_dialog(request, status)) {
        writer.copy(request, HeaderId::RecordRoute);
    }
    if (wants_contact(request, status)) {
        const bool secure = starts_with_ignoring_case(request.request_uri(), "sips:");
        writer.header(contact_for(identity, flow, secure));
    }
    if (wants_capabilities(request, status)) {
        writer.header(served_methods());
        write_supported(writer, identity);
    } else if (status == 405) {
        writer.header(served_methods());
    }
    if (wants_accept(request, status)) {
        write_accept(writer);
    }
    if (status != 100) {
        writer.header("Server", identity.product());
    }
    if (content.own != nullptr) {
        write_own(writer, *content.own);
    }
    if (content.headers != nullptr) {
        append_extra_headers(writer, *content.headers);
    }
    if (content.headers != nullptr && names_other_contacts(request, status)) {
        write_contacts(writer, *content.headers);
    }
    if (content.body != nullptr) {
        write_body(writer, *content.body);
    }
    return writer.finish().value_or("");
}

Result<Message> make_invite(const Identity& identity,
                            const InviteRequest& request,
                            std::string_view from_tag,
                            const ExtraHeaders& own) {
    MessageWriter writer = begin(identity, {.method = to_string(Method::Invite),
                                            .target = request.target,
                                            .flow = request.flow,
                                            .routes = request.routes,
                                            .from = request.from,
                                            .from_tag = from_tag,
                                            .to = request.to,
                                            .call_id = request.call_id,
                                            .sequence = 1,
                                            .max_forwards = forwards_left(request.headers)});
    const bool secure = request.target.scheme() == Uri::Scheme::Sips;
    write_capabilities(writer, identity, request.flow, secure);
    write_own(writer, own);
    if (request.replaces) {  // RFC 3891 4
        writer.header(*request.replaces).header("Require", "replaces");
    }
    return finish_common(writer, identity, request.headers, request.body);
}

Uri refer_to_replacing(Uri target, const Replaces& dialog) {
    target.add_header(header_name(HeaderId::Replaces), to_string(dialog));
    return target;
}

Result<Message> make_request(const Identity& identity,
                             const OutgoingRequest& request,
                             std::string_view from_tag) {
    MessageWriter writer = begin(identity, {.method = request.method,
                                            .target = request.target,
                                            .flow = request.flow,
                                            .routes = request.routes,
                                            .from = request.from,
                                            .from_tag = from_tag,
                                            .to = request.to,
                                            .call_id = request.call_id,
                                            .sequence = request.cseq});
    if (request.contact) {
        writer.header(identity.contact(request.flow, request.contact_user));
    }
    return finish_common(writer, identity, request.headers, request.body);
}

Result<Message> finish_request(MessageWriter writer,
                               const Identity& identity,
                               const ExtraHeaders& headers,
                               const Body& body) {
    return finish_common(writer, identity, headers, body);
}

void write_capabilities(MessageWriter& writer,
                        const Identity& identity,
                        const Flow& flow,
                        bool secure) {
    writer.header(contact_for(identity, flow, secure)).header(served_methods());
    write_supported(writer, identity);
}

void write_own(MessageWriter& writer, const ExtraHeaders& own) {
    for (const ExtraHeader& header : own) {
        writer.header(header.name, header.value);
    }
}

Result<Message> make_again(const Message& request,
                           const Via& via,
                           std::uint32_t sequence,
                           std::span<const HeaderId> replaced,
                           const ExtraHeaders& replacements) {
    PB_TRY(const Uri uri, Uri::parse(request.request_uri()));
    MessageWriter writer = MessageWriter::request(request.method_name(), uri);
    writer.header(via);
    for (std::size_t i = 0; i < request.field_count(); ++i) {
        const Message::Field field = request.field(i);
        const bool gives_way =
            field.id != HeaderId::Other &&
            std::find(replaced.begin(), replaced.end(), field.id) != replaced.end();
        switch (field.id) {
            case HeaderId::Via:
            case HeaderId::ContentType:
            case HeaderId::ContentLength: break;
            case HeaderId::CSeq:
                writer.header(CSeq{sequence, std::string(request.method_name())});
                break;
            default:
                if (!gives_way) {
                    writer.header(field.name, field.value);
                }
        }
    }
    write_own(writer, replacements);
    if (const auto type = request.header(HeaderId::ContentType); type && !request.body().empty()) {
        writer.body(*type, request.body());
    }
    return finish(writer);
}

Result<Message> for_next_hop(const Message& request, const Via& via, const Contact& contact) {
    PB_TRY(const Uri uri, Uri::parse(request.request_uri()));
    MessageWriter writer = MessageWriter::request(request.method_name(), uri);
    writer.header(via);
    for (std::size_t i = 0; i < request.field_count(); ++i) {
        const Message::Field field = request.field(i);
        switch (field.id) {
            case HeaderId::Via:
            case HeaderId::ContentType:
            case HeaderId::ContentLength: break;
            case HeaderId::Contact: writer.header(contact); break;
            default: writer.header(field.name, field.value); break;
        }
    }
    if (const auto type = request.header(HeaderId::ContentType); type && !request.body().empty()) {
        writer.body(*type, request.body());
    }
    return finish(writer);
}

Result<Message> with_credentials(const Message& request,
                                 const Via& via,
                                 std::uint32_t sequence,
                                 const ExtraHeaders& credentials) {
    constexpr std::array kCredentials{HeaderId::Authorization, HeaderId::ProxyAuthorization};
    return make_again(request, via, sequence, kCredentials, credentials);
}

}  // namespace patchbay::sip
