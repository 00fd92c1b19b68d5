// SPDX-License-Identifier: Apache-2.0
#include "lab/meta/graph_messages.hpp"

#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace patchbay::lab::meta::graph {
namespace {

using OptionalText = std::optional<std::string>;

struct SnakeCase {
    static constexpr wire::Case kWireCase = wire::Case::Snake;
};

struct Description : SnakeCase {
    OptionalText sdp_type;
    OptionalText sdp;
};
struct Asked : SnakeCase {
    OptionalText messaging_product;
    OptionalText action;
    OptionalText to;
    OptionalText call_id;
    std::optional<Description> session;
    OptionalText biz_opaque_callback_data;
};
struct Id : SnakeCase {
    std::string id;
};
struct Fault : SnakeCase {
    std::string message;
    std::string type = "OAuthException";
    std::int64_t code = 0;
    std::string fbtrace_id = "fake-meta";
};
struct Refused : SnakeCase {
    Fault error;
};
struct Created : SnakeCase {
    std::string messaging_product = "whatsapp";
    std::vector<Id> calls;
};
struct Succeeded : SnakeCase {
    std::string messaging_product = "whatsapp";
    bool success = true;
};
BOOST_DESCRIBE_STRUCT(Description, (), (sdp_type, sdp))
BOOST_DESCRIBE_STRUCT(Asked,
                      (),
                      (messaging_product, action, to, call_id, session, biz_opaque_callback_data))
BOOST_DESCRIBE_STRUCT(Id, (), (id))
BOOST_DESCRIBE_STRUCT(Fault, (), (message, type, code, fbtrace_id))
BOOST_DESCRIBE_STRUCT(Refused, (), (error))
BOOST_DESCRIBE_STRUCT(Created, (), (messaging_product, calls))
BOOST_DESCRIBE_STRUCT(Succeeded, (), (messaging_product, success))

struct CallError : SnakeCase {
    std::int64_t code = 0;
    std::string message;
};
struct CallBody : SnakeCase {
    std::string id;
    std::string event;
    OptionalText direction;
    OptionalText from;
    OptionalText to;
    std::string timestamp;
    std::optional<Description> session;
    OptionalText status;
    std::vector<CallError> errors;
    OptionalText biz_opaque_callback_data;
};
struct StatusBody : SnakeCase {
    std::string id;
    std::string type = "call";
    std::string status;
    std::string timestamp;
    std::string recipient_id;
    OptionalText biz_opaque_callback_data;
};
struct Profile : SnakeCase {
    std::string name;
};
struct Contact : SnakeCase {
    Profile profile;
    std::string wa_id;
};
struct Metadata : SnakeCase {
    std::string display_phone_number;
    std::string phone_number_id;
};
struct Value : SnakeCase {
    std::string messaging_product = "whatsapp";
    Metadata metadata;
    std::vector<Contact> contacts;
    std::vector<CallBody> calls;
    std::vector<StatusBody> statuses;
};
struct Change : SnakeCase {
    std::string field = "calls";
    Value value;
};
struct Entry : SnakeCase {
    std::string id = "200000000000002";
    std::vector<Change> changes;
};
struct Document : SnakeCase {
    std::string object = "whatsapp_business_account";
    std::vector<Entry> entry;
};
BOOST_DESCRIBE_STRUCT(CallError, (), (code, message))
BOOST_DESCRIBE_STRUCT(
    CallBody,
    (),
    (id, event, direction, from, to, timestamp, session, status, errors, biz_opaque_callback_data))
BOOST_DESCRIBE_STRUCT(StatusBody,
                      (),
                      (id, type, status, timestamp, recipient_id, biz_opaque_callback_data))
BOOST_DESCRIBE_STRUCT(Profile, (), (name))
BOOST_DESCRIBE_STRUCT(Contact, (), (profile, wa_id))
BOOST_DESCRIBE_STRUCT(Metadata, (), (display_phone_number, phone_number_id))
BOOST_DESCRIBE_STRUCT(Value, (), (messaging_product, metadata, contacts, calls, statuses))
BOOST_DESCRIBE_STRUCT(Change, (), (field, value))
BOOST_DESCRIBE_STRUCT(Entry, (), (id, changes))
BOOST_DESCRIBE_STRUCT(Document, (), (object, entry))

OptionalText if_any(const std::string& text) {
    return text.empty() ? std::nullopt : OptionalText(text);
}

std::string seconds(WallTime at) {
    return std::to_string(at.milliseconds / 1000);
}

std::string business_of(const GraphAccount& account) {
    return account.users.number.substr(1);
}

Value value_of(const GraphAccount& account) {
    Value value;
    value.metadata.display_phone_number = business_of(account);
    value.metadata.phone_number_id = account.number_id;
    return value;
}

std::string document_of(Value value) {
    Change change;
    change.value = std::move(value);
    Entry entry;
    entry.changes.push_back(std::move(change));
    Document document;
    document.entry.push_back(std::move(entry));
    return wire::encode(document);
}

CallBody body_of(const GraphAccount& account,
                 const CallNews& call,
                 std::string event,
                 WallTime at) {
    CallBody body;
    body.id = call.id;
    body.event = std::move(event);
    body.direction = call.user_calls ? "USER_INITIATED" : "BUSINESS_INITIATED";
    body.from = call.user_calls ? call.user : business_of(account);
    body.to = call.user_calls ? business_of(account) : call.user;
    body.timestamp = seconds(at);
    body.biz_opaque_callback_data = if_any(call.opaque);
    return body;
}

}  // namespace

std::optional<ActionRequest> read_action(std::string_view json) {
    auto asked = wire::decode_document<Asked>(json);
    if (!asked) {
        return std::nullopt;
    }
    const auto text = [](OptionalText& member) { return std::move(member).value_or(""); };
    ActionRequest request;
    request.messaging_product = text(asked->messaging_product);
    request.action = text(asked->action);
    request.to = text(asked->to);
    request.call_id = text(asked->call_id);
    request.opaque = text(asked->biz_opaque_callback_data);
    if (asked->session) {
        request.sdp_type = text(asked->session->sdp_type);
        request.sdp = text(asked->session->sdp);
    }
    return request;
}

std::string error_text(int code, std::string_view message) {
    Refused refused;
    refused.error.code = code;
    refused.error.message = message;
    return wire::encode(refused);
}

std::string created_text(const std::string& call_id) {
    Id id;
    id.id = call_id;
    Created created;
    created.calls.push_back(std::move(id));
    return wire::encode(created);
}

std::string success_text() {
    return wire::encode(Succeeded{});
}

std::string number_text(const std::string& number_id) {
    Id id;
    id.id = number_id;
    return wire::encode(id);
}

std::string connect_text(const GraphAccount& account,
                         const CallNews& call,
                         const std::string& sdp,
                         WallTime at) {
    CallBody body = body_of(account, call, "connect", at);
    Description description;
    description.sdp_type = call.user_calls ? "offer" : "answer";
    description.sdp = sdp;
    body.session = std::move(description);
    Value value = value_of(account);
    if (call.user_calls) {
        Contact contact;
        contact.profile.name = "A User";
        contact.wa_id = call.user;
        value.contacts.push_back(std::move(contact));
    }
    value.calls.push_back(std::move(body));
    return document_of(std::move(value));
}

std::string status_text(const GraphAccount& account,
                        const CallNews& call,
                        std::string_view status,
                        WallTime at) {
    StatusBody body;
    body.id = call.id;
    body.status = status;
    body.timestamp = seconds(at);
    body.recipient_id = call.user;
    body.biz_opaque_callback_data = if_any(call.opaque);
    Value value = value_of(account);
    value.statuses.push_back(std::move(body));
    return document_of(std::move(value));
}

std::string terminate_text(const GraphAccount& account,
                           const CallNews& call,
                           int error,
                           WallTime at) {
    CallBody body = body_of(account, call, "terminate", at);
    body.status = error == 0 ? "COMPLETED" : "FAILED";
    if (error != 0) {
        CallError why;
        why.code = error;
        why.message = "The call failed";
        body.errors.push_back(std::move(why));
    }
    Value value = value_of(account);
    value.calls.push_back(std::move(body));
    return document_of(std::move(value));
}

std::string signature_of(std::string_view body, const Secret<std::string>& app_secret) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const std::string& key = app_secret.reveal();
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest.data(), &size);
    std::string signature = "sha256=";
    for (unsigned i = 0; i < size; ++i) {
        signature += fmt::format("{:02x}", digest[i]);
    }
    return signature;
}

}  // namespace patchbay::lab::meta::graph
