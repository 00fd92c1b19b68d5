// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_connection.hpp"

#include "net/detail/endpoint.hpp"
#include "net/detail/steps.hpp"
#include "net/detail/tcp_session.hpp"

#include <boost/asio/io_context.hpp>

#include <utility>

namespace patchbay::net {

using boost::asio::ip::tcp;

namespace detail {
namespace {

class TcpConnectAttempt : public Cancelable,
                          public std::enable_shared_from_this<TcpConnectAttempt> {
  public:
    TcpConnectAttempt(Shard& shard,
                      const TcpConnect& request,
                      UniqueFunction<void(Result<TcpConnection>)> done)
        : shard_(shard),
          request_(request),
          done_(std::move(done)),
          socket_(shard.context()),
          deadline_(socket_.get_executor(),
                    [this] { finish(fail(Errc::Timeout, "TCP connect")); }) {}

    void start() {
        deadline_.after(request_.connect_time);
        socket_.async_connect(to_endpoint(request_.remote),
                              [self = shared_from_this()](const boost::system::error_code& error) {
                                  self->connected(error);
                              });
    }

    void cancel() override {
        done_ = {};
        stop();
    }

  private:
    void connected(const boost::system::error_code& error) {
        if (!done_) {
            return;
        }
        if (error) {
            finish(tl::unexpected(to_error(error, "TCP connect")));
            return;
        }
        set_connection_options(socket_);
        // A peer that we called need not speak first.
        const TcpTimes times{request_.idle_time, request_.idle_time};
        std::optional<TlsEngine> tls;
        if (request_.tls) {
            tls = TlsEngine::client(request_.tls->context, request_.tls->peer);
        }
        session_ = std::make_shared<TcpSession>(shard_, std::move(socket_), times, std::nullopt,
                                                std::move(tls));
        if (!request_.tls) {
            finish(TcpConnection(std::exchange(session_, nullptr)));
            return;
        }
        session_->shake_hands([self = shared_from_this()](Result<void> over) {
            self->finish(
                over ? Result<TcpConnection>(TcpConnection(std::exchange(self->session_, nullptr)))
                     : tl::unexpected(over.error()));
        });
    }

    void finish(Result<TcpConnection> result) {
        const auto self = shared_from_this();
        stop();
        auto done = std::exchange(done_, {});
        if (!done) {
            return;
        }
        shard_.steps().run("tcp", [&](Instant) { done(std::move(result)); });
    }

    void stop() {
        boost::system::error_code ignored;
        socket_.close(ignored);
        if (session_) {
            std::exchange(session_, nullptr)->abandon();
        }
        deadline_.clear();
    }

    Shard& shard_;
    TcpConnect request_;
    UniqueFunction<void(Result<TcpConnection>)> done_;
    tcp::socket socket_;
    std::shared_ptr<TcpSession> session_;  // during the handshake
    Deadline deadline_;
};

}  // namespace
}  // namespace detail

TcpConnection::TcpConnection(std::shared_ptr<detail::TcpSession> session)
    : session_(std::move(session)) {}

TcpConnection::TcpConnection(TcpConnection&&) noexcept = default;

TcpConnection& TcpConnection::operator=(TcpConnection&& other) noexcept {
    std::swap(session_, other.session_);
    return *this;
}

TcpConnection::~TcpConnection() {
    if (session_) {
        session_->abandon();
    }
}

const SocketAddress& TcpConnection::local() const {
    return session_->local();
}

const SocketAddress& TcpConnection::remote() const {
    return session_->remote();
}

void TcpConnection::start(TcpHandlers handlers) {
    session_->start(std::move(handlers));
}

Result<void> TcpConnection::send(std::string bytes) {
    return session_->send(std::move(bytes));
}

void TcpConnection::close() {
    session_->close_after_writing();
}

Operation connect_tcp(Shard& shard,
                      const TcpConnect& request,
                      UniqueFunction<void(Result<TcpConnection>)> done) {
    const auto attempt =
        std::make_shared<detail::TcpConnectAttempt>(shard, request, std::move(done));
    attempt->start();
    return Operation(attempt);
}

}  // namespace patchbay::net
