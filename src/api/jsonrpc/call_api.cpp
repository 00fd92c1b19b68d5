// SPDX-License-Identifier: Apache-2.0
#include "api/jsonrpc/call_api.hpp"

#include "base/overloaded.hpp"

#include <utility>

namespace patchbay::api::jsonrpc {

CallApi::CallApi(Backend& backend, Random& random, Dialect dialect)
    : backend_(backend), random_(random), dialect_(dialect) {
    backend_.on_report(
        [this](CommandKey key, const Report& report) { handle_report(key, report); });
}

CallApi::~CallApi() {
    backend_.on_report({});
}

void CallApi::add_routes(net::HttpServer& server, const std::string& path) {
    server.upgrade(path, [this](const net::HttpRequest& request) { return admit(request); });
}

net::UpgradeDecision CallApi::admit(const net::HttpRequest& request) {
    Dialect dialect = dialect_;
    if (const auto name = request.query_value("dialect")) {
        const auto named = dialect_named(*name);
        if (!named) {
            return net::HttpResponse::error(400, "dialect must be 'seed' or 'opensips'");
        }
        dialect = *named;
    }
    return net::WebSocketOpen(
        [this, dialect](net::WebSocket socket) { open(std::move(socket), dialect); });
}

void CallApi::open(net::WebSocket socket, Dialect dialect) {
    const ClientId id = ++last_client_;
    ++counters_.connections;
    const auto& client =
        clients_
            .emplace(id, std::make_unique<Client>(std::move(socket),
                                                  Connection(dialect, random_, last_key_)))
            .first->second;
    client->socket.start({
        .text = [this, id](Instant, std::string_view text) { handle_text(id, text); },
        // The original reads binary messages just the same.
        .binary = [this, id](Instant, ByteView bytes) { handle_text(id, as_text(bytes)); },
        .pong = {},
        .closed = [this, id](Instant, const net::WebSocketClosed&) { handle_closed(id); },
    });
}

void CallApi::handle_text(ClientId id, std::string_view text) {
    ++counters_.texts;
    ConnectionOutputs outputs;
    clients_.at(id)->connection.handle_text(text, outputs);
    perform(id, std::move(outputs));
}

void CallApi::handle_report(CommandKey key, const Report& report) {
    const auto owner = owners_.find(key);
    if (owner == owners_.end()) {
        return;
    }
    const ClientId id = owner->second;
    if (!std::holds_alternative<Progress>(report)) {
        owners_.erase(owner);
    }
    if (const auto client = clients_.find(id); client != clients_.end()) {
        ConnectionOutputs outputs;
        client->second->connection.handle_report(key, report, outputs);
        perform(id, std::move(outputs));
    }
}

void CallApi::handle_closed(ClientId id) {
    ConnectionOutputs outputs;
    Client& client = *clients_.at(id);
    client.connection.handle_closed(outputs);
    client.over = true;
    any_over_ = true;
    perform(id, std::move(outputs));
}

void CallApi::perform(ClientId id, ConnectionOutputs outputs) {
    Client& client = *clients_.at(id);
    for (ConnectionOutput& output : outputs) {
        std::visit(Overloaded{
                       [&](SendText& send) {
                           if (!client.over) {
                               client.socket.send_text(std::move(send.text));
                           }
                       },
                       [&](BeginCommand& begin) {
                           ++counters_.commands;
                           owners_.emplace(begin.key, id);
                           backend_.begin(begin.key, begin.command, client.socket.peer().ip);
                       },
                       [&](AskBackend& ask) {
                           owners_.emplace(ask.key, id);
                           backend_.ask(ask.key, ask.query);
                       },
                       [&](CancelCommand& cancel) { backend_.cancel(cancel.key); },
                   },
                   output);
    }
}

void CallApi::handle_time() {
    if (std::exchange(any_over_, false)) {
        std::erase_if(clients_, [](const auto& one) { return one.second->over; });
    }
}

void CallApi::close_all(std::uint16_t code, const std::string& reason) {
    for (const auto& [id, client] : clients_) {
        client->socket.close(code, reason);
    }
}

}  // namespace patchbay::api::jsonrpc
