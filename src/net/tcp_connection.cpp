// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_connection.hpp"

#include "net/detail/endpoint.hpp"
#include "net/detail/tcp_session.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace patchbay::net {

using boost::asio::ip::tcp;

namespace detail {
namespace {

constexpr std::size_t kReadSize = 16 * 1024;

}  // namespace

TcpSession::TcpSession(Shard& shard,
                       tcp::socket socket,
                       const TcpTimes& times,
                       std::optional<ConnectionPlace> place)
    : shard_(shard),
      socket_(std::move(socket)),
      times_(times),
      place_(std::move(place)),
      deadline_(socket_.get_executor(), [this] { end({Errc::Timeout, "TCP connection", 0}); }) {
    boost::system::error_code ignored;  // a connection that is gone already says so when read
    local_ = from_endpoint(socket_.local_endpoint(ignored));
    remote_ = from_endpoint(socket_.remote_endpoint(ignored));
}

void TcpSession::start(TcpHandlers handlers) {
    handlers_.set(std::move(handlers));
    deadline_.after(times_.first_byte);
    wait_for_bytes();
}

// Waits for readiness and reads into a buffer on the stack, so that an idle connection holds none.
void TcpSession::wait_for_bytes() {
    socket_.async_wait(tcp::socket::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                           if (error) {
                               self->end(to_error(error, "TCP read"));
                           } else {
                               self->read_bytes();
                           }
                       });
}

void TcpSession::read_bytes() {
    std::array<std::uint8_t, kReadSize> bytes;
    boost::system::error_code error;
    const std::size_t count = socket_.read_some(boost::asio::buffer(bytes), error);
    if (error && error != boost::asio::error::would_block) {
        end(to_error(error, "TCP read"));
        return;
    }
    if (count > 0) {
        deadline_.after(times_.idle);
        handlers_.call(shard_.steps(), "tcp", [&](TcpHandlers& handlers, Instant now) {
            handlers.bytes(now, ByteView(bytes).first(count));
        });
    }
    if (socket_.is_open() && !closing_) {
        wait_for_bytes();
    }
}

Result<void> TcpSession::send(std::string bytes) {
    if (!socket_.is_open() || closing_) {
        return fail(Errc::Closed, "TCP connection");
    }
    if (pending_.size() + writing_.size() + bytes.size() > kTcpWriteQueue) {
        const Error error{Errc::TooLarge, "TCP write queue",
                          static_cast<std::int64_t>(pending_.size() + writing_.size())};
        end(error);
        return tl::unexpected(error);
    }
    pending_ += bytes;
    if (writing_.empty()) {
        write_pending();
    }
    return {};
}

void TcpSession::write_pending() {
    writing_ = std::exchange(pending_, {});
    boost::asio::async_write(
        socket_, boost::asio::buffer(writing_),
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
            self->writing_.clear();
            if (error) {
                self->end(to_error(error, "TCP write"));
            } else if (!self->pending_.empty()) {
                self->write_pending();
            } else if (self->closing_) {
                self->close_socket();
            }
        });
}

void TcpSession::close_after_writing() {
    handlers_.drop();
    closing_ = true;
    if (writing_.empty()) {
        close_socket();
    } else {
        deadline_.after(kConnectTime);
    }
}

void TcpSession::abandon() {
    if (!closing_) {
        handlers_.drop();
        close_socket();
    }
}

// The handler is called from the loop, never from within a send() of its owner.
void TcpSession::end(const Error& reason) {
    if (!socket_.is_open()) {
        return;
    }
    close_socket();
    boost::asio::post(shard_.context(), [self = shared_from_this(), reason] {
        self->handlers_.call(self->shard_.steps(), "tcp", [&](TcpHandlers& handlers, Instant) {
            if (handlers.closed) {
                handlers.closed(reason);
            }
        });
        self->handlers_.drop();
    });
}

void TcpSession::close_socket() {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    deadline_.clear();
    place_.reset();
}

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
        finish(TcpConnection(
            std::make_shared<TcpSession>(shard_, std::move(socket_), times, std::nullopt)));
    }

    void finish(Result<TcpConnection> result) {
        const auto self = shared_from_this();
        stop();
        auto done = std::exchange(done_, {});
        shard_.steps().run("tcp", [&](Instant) { done(std::move(result)); });
    }

    void stop() {
        boost::system::error_code ignored;
        socket_.close(ignored);
        deadline_.clear();
    }

    Shard& shard_;
    TcpConnect request_;
    UniqueFunction<void(Result<TcpConnection>)> done_;
    tcp::socket socket_;
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
