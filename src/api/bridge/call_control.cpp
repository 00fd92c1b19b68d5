// SPDX-License-Identifier: Apache-2.0
#include "api/bridge/call_control.hpp"

#include "api/bridge/call_shapes.hpp"
#include "api/bridge/status_words.hpp"
#include "api/limits.hpp"
#include "base/text.hpp"
#include "bridge/settings.hpp"
#include "bridge/settings_check.hpp"
#include "call/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace patchbay::api::bridge {
namespace {

net::HttpResponse refuse(const net::HttpRequest& request, int status, std::string_view english) {
    const Language language = language_of(request);
    net::HttpResponse response = net::HttpResponse::error(status, status_text(english, language));
    response.fields.set("Content-Language", std::string(tag_of(language)));
    response.fields.set("Vary", "Accept-Language");
    return response;
}

net::HttpResponse not_found(const net::HttpRequest& request, std::string_view id) {
    return refuse(request, 404, fmt::format("no WhatsApp call has the id '{}'", id));
}

net::HttpResponse malformed(const wire::DecodeError& error) {
    return net::HttpResponse::error(400, describe(error));
}

net::HttpResponse refusal_of(const net::HttpRequest& request, const Error& error) {
    switch (error.code) {
        case Errc::NotFound: return refuse(request, 404, "there is no such bridge");
        case Errc::WrongState:
            return refuse(request, 409, "the bridge is not enabled, or has no WhatsApp side");
        case Errc::Duplicate: return refuse(request, 409, "another client has the call");
        default: return refuse(request, 503, describe(error));
    }
}

std::string id_of(const net::HttpRequest& request) {
    return std::string(request.parameter("id").value_or(""));
}

call::CallOption streamed() {
    call::CallOption option;
    option.subscribe = true;
    return option;
}

}  // namespace

void CallControl::add_routes(net::HttpServer& server) {
    using Action = void (CallControl::*)(const net::HttpRequest&, net::Responder);
    const auto add = [&](net::HttpMethod method, const char* path, Action action) {
        server.route(method, path,
                     [this, action](const net::HttpRequest& request, net::Responder responder) {
                         (this->*action)(request, std::move(responder));
                     });
    };
    add(net::HttpMethod::Post, "/call/start", &CallControl::start);
    add(net::HttpMethod::Post, "/call/{id}/accept", &CallControl::accept);
    add(net::HttpMethod::Post, "/call/reject", &CallControl::reject);
    add(net::HttpMethod::Delete, "/call/{id}", &CallControl::end);
    add(net::HttpMethod::Post, "/call/{id}/mute", &CallControl::mute);
    add(net::HttpMethod::Post, "/call/{id}/dtmf", &CallControl::press);
    add_lists(server);
    server.upgrade("/call/stream/{id}",
                   [this](const net::HttpRequest& request) { return admit_stream(request); });
}

void CallControl::add_lists(net::HttpServer& server) {
    server.route(net::HttpMethod::Get, "/call/status",
                 [this](const net::HttpRequest&, net::Responder responder) {
                     responder.send(net::HttpResponse::json(
                         200, encode_body(WhatsAppCallList{whatsapp_.active()})));
                 });
    server.route(net::HttpMethod::Get, "/call/history",
                 [this](const net::HttpRequest& request, net::Responder responder) {
                     const auto wanted =
                         parse_number<std::size_t>(request.query_value("limit").value_or(""));
                     responder.send(net::HttpResponse::json(
                         200, encode_body(WhatsAppCallList{
                                  whatsapp_.history(wanted.value_or(kCallHistoryPage))})));
                 });
}

void CallControl::start(const net::HttpRequest& request, net::Responder responder) {
    const auto wanted = read_start(request.body);
    if (!wanted) {
        return responder.send(malformed(wanted.error()));
    }
    const auto number = patchbay::bridge::parse_number_e164(wanted->phone);
    if (!number) {
        return responder.send(
            refuse(request, 400, "phone must be a number in E.164, such as +5511987654321"));
    }
    const auto callee = whatsapp_.callee_of(
        wanted->bridge.value_or(std::string(patchbay::bridge::kDefaultBridge)), *number);
    if (!callee) {
        return responder.send(refusal_of(request, callee.error()));
    }
    call::command::Invite invite{.option = streamed()};
    invite.option.callee = *callee;
    const call::SessionId id = calls_.make_id();
    if (auto refused = control(request, id, std::move(invite))) {
        return responder.send(std::move(*refused));
    }
    responder.send(shown(id.value(), 201));
}

void CallControl::accept(const net::HttpRequest& request, net::Responder responder) {
    const std::string id = id_of(request);
    const auto row = whatsapp_.find(id);
    if (!row) {
        return responder.send(not_found(request, id));
    }
    if (!row->awaits_accept) {
        return responder.send(
            refuse(request, 409, "the call does not wait for a client of this API"));
    }
    if (auto refused =
            control(request, call::SessionId(id), call::command::Accept{.option = streamed()})) {
        return responder.send(std::move(*refused));
    }
    responder.send(shown(id, 200));
}

std::optional<net::HttpResponse> CallControl::control(const net::HttpRequest& request,
                                                      const call::SessionId& id,
                                                      call::Command command) {
    auto pending = calls_.reserve(id);
    if (!pending) {
        return refusal_of(request, pending.error());
    }
    auto one = std::make_unique<ControlledCall>(id, whatsapp_);
    if (const auto begun = one->begin(**pending, request.peer.ip, calls_.make_id().value());
        !begun) {
        return refusal_of(request, begun.error());
    }
    one->command(std::move(command));
    controlled_.push_back(std::move(one));
    return std::nullopt;
}

void CallControl::reject(const net::HttpRequest& request, net::Responder responder) {
    const auto named = read_named(request.body);
    if (!named) {
        return responder.send(malformed(named.error()));
    }
    const auto row = whatsapp_.find(named->call_id);
    if (!row) {
        return responder.send(not_found(request, named->call_id));
    }
    if (row->accepted_at || row->direction != "inbound") {
        return responder.send(refuse(request, 409, "only a call that rings here can be rejected"));
    }
    (void)calls_.kill(call::SessionId(named->call_id));
    responder.send(shown(named->call_id, 200));
}

void CallControl::end(const net::HttpRequest& request, net::Responder responder) {
    const std::string id = id_of(request);
    const auto row = whatsapp_.find(id);
    if (!row || row->ended_at) {
        return responder.send(not_found(request, id));
    }
    (void)calls_.kill(call::SessionId(id));
    responder.send(shown(id, 200));
}

// What we say is not heard by the user any more.
void CallControl::mute(const net::HttpRequest& request, net::Responder responder) {
    const auto wanted = read_mute(request.body);
    if (!wanted) {
        return responder.send(malformed(wanted.error()));
    }
    const call::TrackId track{std::string(call::kServerTrack)};
    responder.send(steer(request, wanted->muted.value_or(true)
                                      ? call::Command(call::command::Mute{track})
                                      : call::Command(call::command::Unmute{track})));
}

void CallControl::press(const net::HttpRequest& request, net::Responder responder) {
    const auto keys = read_keys(request.body);
    if (!keys) {
        return responder.send(malformed(keys.error()));
    }
    const bool are_keys = !keys->digits.empty() && std::ranges::all_of(keys->digits, [](char c) {
        return std::string_view("0123456789*#ABCDabcd").find(c) != std::string_view::npos;
    });
    if (!are_keys) {
        return responder.send(refuse(request, 400, "digits must be of 0-9 * # A-D"));
    }
    responder.send(steer(request, call::command::Dtmf{.digits = keys->digits}));
}

net::HttpResponse CallControl::steer(const net::HttpRequest& request, call::Command command) {
    const std::string id = id_of(request);
    const auto row = whatsapp_.find(id);
    if (!row || row->ended_at) {
        return not_found(request, id);
    }
    if (!row->accepted_at) {
        return refuse(request, 409, "the call is not answered yet");
    }
    const auto sent =
        calls_.command(call::SessionId(id), {.command = std::move(command), .request_id = {}});
    return sent ? shown(id, 200) : refusal_of(request, sent.error());
}

net::HttpResponse CallControl::shown(std::string_view id, int status) const {
    WhatsAppCall row;
    row.call_id = id;
    row.status = "connecting";
    return net::HttpResponse::json(status, encode_body(whatsapp_.find(id).value_or(row)));
}

net::UpgradeDecision CallControl::admit_stream(const net::HttpRequest& request) {
    const std::string id = id_of(request);
    const auto control = whatsapp_.control(id);
    if (!control) {
        return not_found(request, id);
    }
    auto pending = calls_.resume(call::SessionId(id), control->token, control->last_sequence);
    if (!pending) {
        return refusal_of(request, pending.error());
    }
    return net::WebSocketOpen([this, id = call::SessionId(id), client = request.peer.ip,
                               pending = std::move(*pending)](net::WebSocket socket) {
        open_stream(std::move(socket), id, client, *pending);
    });
}

void CallControl::open_stream(net::WebSocket socket,
                              const call::SessionId& id,
                              const IpAddress& client,
                              activecall::PendingCall& pending) {
    auto one = std::make_unique<ControlledCall>(id, whatsapp_, std::move(socket));
    const bool begun = one->begin(pending, client, calls_.make_id().value()).has_value();
    one->start_stream();
    if (!begun) {
        one->on_displaced("the call has ended");
    }
    controlled_.push_back(std::move(one));
}

void CallControl::keep_house() {
    std::erase_if(controlled_, [](const auto& one) { return one->is_over(); });
}

}  // namespace patchbay::api::bridge
