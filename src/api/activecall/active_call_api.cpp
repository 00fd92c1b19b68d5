// SPDX-License-Identifier: Apache-2.0
#include "api/activecall/active_call_api.hpp"

#include "api/limits.hpp"
#include "api/messages/command_json.hpp"
#include "api/messages/rest.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace patchbay::api::activecall {
namespace {

net::HttpResponse refuse_reservation(const Error& error, const call::SessionId& id) {
    switch (error.code) {
        case Errc::Duplicate:
            return net::HttpResponse::error(
                409, fmt::format("a call with the id '{}' exists; use another id, or end that call",
                                 id.value()));
        case Errc::NotFound:
            return net::HttpResponse::error(
                404, fmt::format("no call '{}' waits for its client", id.value()));
        case Errc::Forbidden:
            return net::HttpResponse::error(403, "the resume token is not that of the call");
        case Errc::OutOfRange:
            return net::HttpResponse::error(
                410, "events after lastSeq are not kept any more; the call has been ended");
        default: break;
    }
    net::HttpResponse response = net::HttpResponse::error(503, describe(error));
    response.fields.set("Retry-After", "5");
    return response;
}

bool may_be_json(const net::HttpRequest& request) {
    const auto type = request.header("Content-Type");
    return !type || starts_with_ignoring_case(trim(*type), "application/json");
}

void refuse_precache(int status, std::string why, net::Responder& responder) {
    responder.send(net::HttpResponse::json(
        status, encode_body(PrecacheStatus{.status = "error", .error = std::move(why)})));
}

}  // namespace

ActiveCallApi::ActiveCallApi(Calls& calls, Options options)
    : calls_(calls), options_(std::move(options)) {}

void ActiveCallApi::add_routes(net::HttpServer& server) {
    server.upgrade("/call/sip", [this](const net::HttpRequest& request) {
        return admit_call(request, call::SessionKind::Sip);
    });
    server.upgrade("/call", [this](const net::HttpRequest& request) {
        return admit_call(request, call::SessionKind::WebSocket);
    });
    server.upgrade("/call/webrtc", [this](const net::HttpRequest& request) {
        return admit_call(request, call::SessionKind::WebRtc);
    });
    add_list_routes(server);
    add_kill_routes(server);
    add_steering_routes(server);
    server.route(net::HttpMethod::Get, "/iceservers",
                 [this](const net::HttpRequest&, net::Responder responder) {
                     const WallTime now = options_.wall.at(net::monotonic_now());
                     responder.send(net::HttpResponse::json(200, options_.ice_servers(now)));
                 });
}

// The contract's list and the original server's, each with its own shape.
void ActiveCallApi::add_list_routes(net::HttpServer& server) {
    server.route(net::HttpMethod::Get, "/call/lists",
                 [this](const net::HttpRequest&, net::Responder responder) {
                     responder.send(
                         net::HttpResponse::json(200, encode_body(make_call_list(calls_.list()))));
                 });
    server.route(
        net::HttpMethod::Get, "/list", [this](const net::HttpRequest&, net::Responder responder) {
            responder.send(
                net::HttpResponse::json(200, encode_body(make_active_call_list(calls_.list()))));
        });
}

void ActiveCallApi::add_kill_routes(net::HttpServer& server) {
    server.route(net::HttpMethod::Post, "/call/kill/{id}",
                 [this](const net::HttpRequest& request, net::Responder responder) {
                     const std::string id(request.parameter("id").value_or(""));
                     if (calls_.kill(call::SessionId(id))) {
                         responder.send(net::HttpResponse::json(200, encode_body(true)));
                     } else {
                         responder.send(net::HttpResponse::error(
                             404, fmt::format("no call has the id '{}'", id)));
                     }
                 });
    // Changes state by GET, because the original's clients do; the origin check (api/access) stands
    // in front.
    server.route(
        net::HttpMethod::Get, "/kill/{id}",
        [this](const net::HttpRequest& request, net::Responder responder) {
            CallStatus status{.status = "killed",
                              .id = std::string(request.parameter("id").value_or(""))};
            const bool killed = calls_.kill(call::SessionId(status.id)).has_value();
            if (!killed) {
                status.status = "not_found";
            }
            responder.send(net::HttpResponse::json(killed ? 200 : 404, encode_body(status)));
        });
}

// The ways into a call that has its own socket: a command, and the stream of what happens.
void ActiveCallApi::add_steering_routes(net::HttpServer& server) {
    server.route(net::HttpMethod::Post, "/command/{id}",
                 [this](const net::HttpRequest& request, net::Responder responder) {
                     carry_command(request, std::move(responder));
                 });
    server.route(net::HttpMethod::Post, "/precache",
                 [this](const net::HttpRequest& request, net::Responder responder) {
                     precache(request, std::move(responder));
                 });
    server.route(net::HttpMethod::Get, "/events/{id}",
                 [this](const net::HttpRequest& request, net::Responder responder) {
                     stream_events(request, std::move(responder));
                 });
}

void ActiveCallApi::carry_command(const net::HttpRequest& request, net::Responder responder) {
    if (!may_be_json(request)) {
        responder.send(net::HttpResponse::error(415, "a command is application/json"));
        return;
    }
    auto command = decode_command(request.body);
    if (!command) {
        const bool is_json = command.error().is_json;
        responder.send(
            net::HttpResponse::error(is_json ? 422 : 400, describe(command.error().error)));
        return;
    }
    CallStatus status{.status = "sent", .id = std::string(request.parameter("id").value_or(""))};
    const auto sent = calls_.command(call::SessionId(status.id), std::move(*command));
    if (!sent && sent.error().code != Errc::NotFound) {
        responder.send(net::HttpResponse::error(503, describe(sent.error())));
        return;
    }
    if (!sent) {
        status.status = "not_found";
    }
    responder.send(net::HttpResponse::json(sent ? 200 : 404, encode_body(status)));
}

void ActiveCallApi::precache(const net::HttpRequest& request, net::Responder responder) {
    if (!may_be_json(request)) {
        return refuse_precache(415, "a command is application/json", responder);
    }
    auto command = decode_command(request.body);
    if (!command) {
        return refuse_precache(400, describe(command.error().error), responder);
    }
    auto* const tts = std::get_if<call::command::Tts>(&command->command);
    if (tts == nullptr) {
        return refuse_precache(400, "precache only accepts tts commands", responder);
    }
    if (tts->base64.value()) {
        return refuse_precache(400, "precache speaks text; base64 audio needs no voice", responder);
    }
    options_.precache(
        {.tts = std::move(*tts), .client = request.peer.ip},
        [responder = std::move(responder)](Expected<Precached, std::string> done) mutable {
            if (!done) {
                return refuse_precache(500, std::move(done.error()), responder);
            }
            responder.send(net::HttpResponse::json(
                200, encode_body(PrecacheStatus{.status = done->existed ? "exists" : "cached",
                                                .cache_key = std::move(done->cache_key),
                                                .bytes = static_cast<std::int64_t>(done->bytes)})));
        });
}

void ActiveCallApi::stream_events(const net::HttpRequest& request, net::Responder responder) {
    const call::SessionId id(std::string(request.parameter("id").value_or("")));
    auto stream = EventStream::open(calls_, id, options_.wall);
    if (!stream) {
        responder.send(net::HttpResponse::text(404, "track not active"));
        return;
    }
    (*stream)->start(std::move(responder));
    streams_.push_back(std::move(*stream));
}

net::UpgradeDecision ActiveCallApi::admit_call(const net::HttpRequest& request,
                                               call::SessionKind kind) {
    auto query = parse_call_query(request);
    if (!query) {
        return net::HttpResponse::error(400, query.error());
    }
    if (!query->id) {
        query->id = calls_.make_id();
    }
    auto pending = find_call(*query);
    if (!pending) {
        return refuse_reservation(pending.error(), *query->id);
    }
    return net::WebSocketOpen([this, kind, query = std::move(*query),
                               pending = std::move(*pending)](net::WebSocket socket) {
        open_socket(std::move(socket), query, *pending, kind);
    });
}

Result<std::unique_ptr<PendingCall>> ActiveCallApi::find_call(const CallQuery& query) {
    return query.resume_token ? calls_.resume(*query.id, *query.resume_token, query.last_sequence)
                              : calls_.reserve(*query.id);
}

void ActiveCallApi::open_socket(net::WebSocket socket,
                                const CallQuery& query,
                                PendingCall& pending,
                                call::SessionKind kind) {
    sockets_.push_back(std::make_unique<ControlSocket>(
        std::move(socket), query,
        ControlSocket::Environment{
            .wall = options_.wall,
            .counters = counters_,
            .done = [this](ControlSocket& one) { finished_.push_back(&one); },
            .resume_token = query.resume_token.value_or(calls_.make_id().value())}));
    sockets_.back()->start(net::monotonic_now(), pending, kind);
}

void ActiveCallApi::handle_time(Instant now) {
    if (!finished_.empty()) {
        const auto finished = std::exchange(finished_, {});
        std::erase_if(sockets_, [&](const std::unique_ptr<ControlSocket>& socket) {
            return std::find(finished.begin(), finished.end(), socket.get()) != finished.end();
        });
    }
    if (now < next_look_) {
        return;
    }
    next_look_ = now + kPingResolution;
    std::erase_if(streams_, [](const auto& stream) { return stream->is_over(); });
    for (const auto& stream : streams_) {
        stream->handle_time(now);
    }
    for (const auto& socket : sockets_) {
        socket->handle_time(now);
    }
}

void ActiveCallApi::close_all(std::uint16_t code, const std::string& reason) {
    for (const auto& socket : sockets_) {
        socket->close(code, reason);
    }
}

}  // namespace patchbay::api::activecall
