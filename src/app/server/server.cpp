// SPDX-License-Identifier: Apache-2.0
#include "app/server/server.hpp"

#include "app/server/state.hpp"

#include <utility>

namespace patchbay::app {

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() = default;

tl::expected<std::unique_ptr<Server>, std::string> Server::start(const Config& config) {
    auto state = std::make_unique<State>(config);
    if (auto opened = state->open(); !opened) {
        return tl::unexpected(std::move(opened).error());
    }
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

const std::vector<SocketAddress>& Server::http_addresses() const {
    return state_->http_addresses();
}

const std::vector<SocketAddress>& Server::sip_addresses() const {
    return state_->sip_addresses();
}

const Listeners& Server::listeners() const {
    return state_->listeners();
}

std::size_t Server::calls() const {
    return state_->calls();
}

void Server::run() {
    state_->run();
}

void Server::stop() {
    state_->request_stop();
}

}  // namespace patchbay::app
