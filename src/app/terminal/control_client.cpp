// SPDX-License-Identifier: Apache-2.0
#include "app/terminal/control_client.hpp"

#include "api/messages/command_json.hpp"
#include "api/messages/event_json.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <utility>

namespace patchbay::app {
namespace {

// What a refused connection means to the person who asked for it.
std::string explain(const net::WebSocketRefusal& refusal, const ServerOptions& server) {
    const std::string address = server.server.to_string();
    if (!refusal.response) {
        return fmt::format(
            "no server at {} ({}): start one with `patchbay serve`, or name another with "
            "--server ADDR:PORT",
            address, describe(refusal.error));
    }
    switch (refusal.response->status) {
        case 401:
        case 403:
            return fmt::format(
                "the server at {} wants its token: give it with --token or in PATCHBAY_TOKEN; it "
                "stands in the file `token` of the server's data folder",
                address);
        case 404:
            return fmt::format("what answers at {} is not Patchbay: name the right --server",
                               address);
        case 409: return "a call with this id exists already";
        default:
            return fmt::format("the server at {} refused: {} {}", address, refusal.response->status,
                               refusal.response->body);
    }
}

}  // namespace

void ControlClient::open(const ServerOptions& server, const std::string& id) {
    net::WebSocketConnect request;
    request.url =
        fmt::format("ws://{}/call/sip?id={}", server.server.to_string(), percent_encode(id));
    if (!server.token.reveal().empty()) {
        request.fields.set("Authorization", "Bearer " + server.token.reveal());
    }
    connecting_ = net::connect_web_socket(
        shard_, std::move(request),
        [this, server](tl::expected<net::WebSocket, net::WebSocketRefusal> result) {
            if (result) {
                start(std::move(*result));
            } else {
                handlers_.closed(explain(result.error(), server));
            }
        });
}

void ControlClient::start(net::WebSocket socket) {
    socket_.emplace(std::move(socket));
    socket_->start({
        .text = [this](Instant, std::string_view text) { handle_text(text); },
        .binary = {},
        .pong = {},
        .closed =
            [this](Instant, const net::WebSocketClosed& how) {
                handlers_.closed(
                    how.reason.empty()
                        ? fmt::format("the server closed the connection ({})", how.code)
                        : "the server closed the connection: " + how.reason);
            },
    });
    handlers_.opened();
}

void ControlClient::handle_text(std::string_view text) {
    // An event of a newer server, which we do not know, is nothing to end a call for.
    if (const auto event = api::decode_event(text)) {
        handlers_.event(*event, text);
    }
}

void ControlClient::send(const call::Command& command) {
    if (socket_) {
        socket_->send_text(api::encode_command({.command = command, .request_id = std::nullopt},
                                               wire::Secrets::Shown));
    }
}

}  // namespace patchbay::app
