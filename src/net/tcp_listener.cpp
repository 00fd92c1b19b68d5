// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_listener.hpp"

#include "net/detail/acceptor.hpp"
#include "net/detail/tcp_session.hpp"

#include <utility>

namespace patchbay::net {

struct TcpListener::State {
    std::shared_ptr<std::optional<TlsContext>> tls;  // shared with what the acceptor calls
    std::shared_ptr<ConnectionCaps> caps;            // shared with the places of the connections
    std::shared_ptr<detail::Acceptor> acceptor;
};

Result<TcpListener> TcpListener::open(Shard& shard,
                                      const SocketAddress& local,
                                      const TcpListenerOptions& options,
                                      Accept accept) {
    auto caps = std::make_shared<ConnectionCaps>(options.limits);
    const detail::TcpTimes times{options.time_to_first_byte, options.idle_time};
    const auto tls = std::make_shared<std::optional<TlsContext>>(options.tls);
    PB_TRY(auto acceptor,
           detail::Acceptor::open(
               shard, local, options.sharing, caps,
               [&shard, times, tls, on_accept = std::move(accept)](
                   boost::asio::ip::tcp::socket socket, detail::ConnectionPlace place) mutable {
                   std::optional<TlsEngine> engine;
                   if (*tls) {
                       engine = TlsEngine::server(**tls);
                   }
                   on_accept(TcpConnection(std::make_shared<detail::TcpSession>(
                       shard, std::move(socket), times, std::move(place), std::move(engine))));
               }));
    return TcpListener(std::make_unique<State>(State{tls, std::move(caps), std::move(acceptor)}));
}

TcpListener::TcpListener(std::unique_ptr<State> state) : state_(std::move(state)) {}

TcpListener::TcpListener(TcpListener&&) noexcept = default;

TcpListener& TcpListener::operator=(TcpListener&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
}

TcpListener::~TcpListener() {
    if (state_) {
        state_->acceptor->close();
    }
}

void TcpListener::use_tls(TlsContext context) {
    *state_->tls = std::move(context);
}

const SocketAddress& TcpListener::local() const {
    return state_->acceptor->local();
}

std::size_t TcpListener::connections() const {
    return state_->caps->open();
}

std::uint64_t TcpListener::refused() const {
    return state_->caps->refused();
}

}  // namespace patchbay::net
