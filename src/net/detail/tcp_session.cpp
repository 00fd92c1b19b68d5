// SPDX-License-Identifier: Apache-2.0
#include "net/detail/tcp_session.hpp"

#include "net/detail/endpoint.hpp"
#include "net/detail/handshake_thread.hpp"
#include "net/detail/steps.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace patchbay::net::detail {

using boost::asio::ip::tcp;

namespace {

constexpr std::size_t kReadSize = 16 * 1024;

}  // namespace

TcpSession::TcpSession(Shard& shard,
                       tcp::socket socket,
                       const TcpTimes& times,
                       std::optional<ConnectionPlace> place,
                       std::optional<TlsEngine> tls)
    : shard_(shard),
      socket_(std::move(socket)),
      times_(times),
      place_(std::move(place)),
      tls_(tls ? std::make_shared<TlsEngine>(std::move(*tls)) : nullptr),
      deadline_(socket_.get_executor(), [this] { end({Errc::Timeout, "TCP connection", 0}); }) {
    boost::system::error_code ignored;  // a connection that is gone already says so when read
    local_ = from_endpoint(socket_.local_endpoint(ignored));
    remote_ = from_endpoint(socket_.remote_endpoint(ignored));
}

void TcpSession::shake_hands(UniqueFunction<void(Result<void>)> done) {
    handshake_ = std::move(done);
    flush_tls();
    wait_for_bytes();
}

void TcpSession::start(TcpHandlers handlers) {
    handlers_.set(std::move(handlers));
    deadline_.after(times_.first_byte);
    if (tls_ && tls_->established()) {
        // The peer's first bytes may have come with the last ones of its handshake.
        boost::asio::post(shard_.context(), [self = shared_from_this()] {
            self->read_tls();
            self->wait_for_bytes();
        });
        return;
    }
    wait_for_bytes();
}

// Waits for readiness and reads into a buffer on the stack, so that an idle connection holds none.
void TcpSession::wait_for_bytes() {
    if (!socket_.is_open() || closing_) {
        return;
    }
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
    if (count > 0 && tls_) {
        tls_->feed(ByteView(bytes).first(count));
        if (!tls_->established()) {
            go_on_with_handshake();
            return;
        }
        read_tls();
    } else if (count > 0) {
        deliver(ByteView(bytes).first(count));
    }
    wait_for_bytes();
}

// Nothing is read, and tls_ is not touched, until it is back.
void TcpSession::go_on_with_handshake() {
    lent_ = true;
    shard_.handshakes().go_on(
        tls_, [self = shared_from_this()](Result<bool> over) { self->handshake_went_on(over); });
}

void TcpSession::handshake_went_on(Result<bool> over) {
    lent_ = false;
    if (!socket_.is_open()) {
        return;
    }
    if (over && !early_.empty()) {
        if (const auto written = tls_->write(std::exchange(early_, {})); !written) {
            over = tl::unexpected(written.error());
        }
    }
    flush_tls();
    if (!over) {
        end(over.error());
        return;
    }
    if (*over && handshake_) {
        std::exchange(handshake_, {})(Result<void>());
        return;  // until start()
    }
    if (*over) {
        read_tls();
    }
    wait_for_bytes();
}

void TcpSession::read_tls() {
    std::array<std::uint8_t, kReadSize> bytes;
    while (socket_.is_open() && !closing_) {
        const Result<std::size_t> count = tls_->read(bytes);
        flush_tls();
        if (!count) {
            end(count.error());
            return;
        }
        if (*count == 0) {
            return;
        }
        deliver(ByteView(bytes).first(*count));
    }
}

// Only what the peer says is a sign of life, not the handshake on the way there.
void TcpSession::deliver(ByteView bytes) {
    deadline_.after(times_.idle);
    handlers_.call(shard_.steps(), "tcp",
                   [&](TcpHandlers& handlers, Instant now) { handlers.bytes(now, bytes); });
}

Result<void> TcpSession::send(std::string bytes) {
    if (!socket_.is_open() || closing_) {
        return fail(Errc::Closed, "TCP connection");
    }
    const std::size_t queued = pending_.size() + writing_.size() + early_.size();
    if (queued + bytes.size() > kTcpWriteQueue) {
        const Error error{Errc::TooLarge, "TCP write queue", static_cast<std::int64_t>(queued)};
        end(error);
        return tl::unexpected(error);
    }
    if (lent_) {
        early_.append(bytes);
    } else if (tls_) {
        if (const auto written = tls_->write(bytes); !written) {
            end(written.error());
            return written;
        }
        flush_tls();
    } else {
        enqueue(bytes);
    }
    return {};
}

void TcpSession::flush_tls() {
    enqueue(tls_->take());
}

void TcpSession::enqueue(std::string_view bytes) {
    pending_.append(bytes);
    if (writing_.empty() && !pending_.empty()) {
        write_pending();
    }
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
    if (tls_ && !lent_ && socket_.is_open()) {
        tls_->close();
        flush_tls();
    }
    closing_ = true;
    if (writing_.empty()) {
        close_socket();
    } else {
        deadline_.after(kConnectTime);
    }
}

void TcpSession::abandon() {
    if (!closing_) {
        handshake_ = {};
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
        if (auto handshake = std::exchange(self->handshake_, {})) {
            handshake(tl::unexpected(reason));
            return;
        }
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

}  // namespace patchbay::net::detail
