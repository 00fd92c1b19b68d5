// SPDX-License-Identifier: Apache-2.0
#include "net/web_socket.hpp"

#include "net/detail/dialer.hpp"
#include "net/detail/endpoint.hpp"
#include "net/detail/web_socket_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace patchbay::net {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;

namespace detail {
namespace {

class WebSocketAttempt : public Cancelable, public std::enable_shared_from_this<WebSocketAttempt> {
  public:
    using Done = UniqueFunction<void(tl::expected<WebSocket, WebSocketRefusal>)>;

    WebSocketAttempt(Shard& shard, Url url, WebSocketConnect request, Done done)
        : shard_(shard),
          fields_(std::move(request.fields)),
          done_(std::move(done)),
          dialer_(shard, std::move(url), std::move(request.admit)),
          deadline_(shard.context().get_executor(), [this] { time_out(); }) {
        deadline_.after(request.time);
    }

    void start() {
        auto self = shared_from_this();
        asio::co_spawn(shard_.context(), run(std::move(self)), asio::detached);
    }

    void refuse_soon(const Error& error) {
        asio::post(shard_.context(),
                   [self = shared_from_this(), error] { self->refuse({error, {}}); });
    }

    void cancel() override {
        done_ = {};
        stop();
    }

  private:
    static Awaitable<void> run(std::shared_ptr<WebSocketAttempt> self) {
        const Result<void> dialed = co_await self->dialer_.dial();
        if (dialed) {
            co_await self->shake_hands();
        } else {
            self->refuse({dialed.error(), {}});
        }
    }

    Awaitable<void> shake_hands() {
        if (!done_) {
            co_return;
        }
        session_ = std::make_shared<WebSocketSession>(shard_, std::move(dialer_.channel()),
                                                      kWebSocketUnread, std::nullopt);
        auto& stream = session_->stream();
        stream.set_option(
            websocket::stream_base::decorator([this](websocket::request_type& request) {
                for (const auto& [name, value] : fields_) {
                    request.set(name, value);
                }
            }));
        websocket::response_type response;
        const Url& url = dialer_.url();
        const auto [error] =
            co_await stream.async_handshake(response, url.authority, url.target, kAwait);
        if (error) {
            refuse(describe_refusal(error, response));
            co_return;
        }
        session_->begin_writing();
        deadline_.clear();
        finish(WebSocket(std::exchange(session_, nullptr)));
    }

    static WebSocketRefusal describe_refusal(const boost::system::error_code& error,
                                             const websocket::response_type& response) {
        if (error != websocket::error::upgrade_declined) {
            return {to_error(error, "WebSocket handshake"), {}};
        }
        HttpResponse answer;
        answer.status = static_cast<int>(response.result_int());
        answer.body = response.body();
        return {{Errc::Refused, "WebSocket handshake", answer.status}, std::move(answer)};
    }

    void time_out() { refuse({{Errc::Timeout, "WebSocket handshake", 0}, {}}); }

    void refuse(WebSocketRefusal refusal) {
        stop();
        finish(tl::unexpected(std::move(refusal)));
    }

    void finish(tl::expected<WebSocket, WebSocketRefusal> result) {
        if (Done done = std::exchange(done_, {})) {
            shard_.steps().run("websocket", [&](Instant) { done(std::move(result)); });
        }
    }

    void stop() {
        deadline_.clear();
        if (session_) {
            session_->stream().next_layer().close();
        } else {
            dialer_.stop();
        }
    }

    Shard& shard_;
    HttpFields fields_;
    Done done_;
    Dialer dialer_;
    Deadline deadline_;
    std::shared_ptr<WebSocketSession> session_;  // during the handshake
};

}  // namespace
}  // namespace detail

WebSocket::WebSocket(std::shared_ptr<detail::WebSocketSession> session)
    : session_(std::move(session)) {}

WebSocket::WebSocket(WebSocket&&) noexcept = default;

WebSocket& WebSocket::operator=(WebSocket&& other) noexcept {
    std::swap(session_, other.session_);
    return *this;
}

WebSocket::~WebSocket() {
    if (session_) {
        session_->abandon();
    }
}

const SocketAddress& WebSocket::peer() const {
    return session_->peer();
}

void WebSocket::start(WebSocketHandlers handlers) {
    session_->start(std::move(handlers));
}

void WebSocket::send_text(std::string text) {
    session_->send_text(std::move(text));
}

void WebSocket::send_binary(ByteView bytes) {
    session_->send_binary(bytes);
}

void WebSocket::ping(std::string payload) {
    session_->ping(std::move(payload));
}

void WebSocket::close(std::uint16_t code, std::string reason) {
    session_->close(code, std::move(reason));
}

WebSocketStatistics WebSocket::statistics() const {
    return session_->statistics();
}

Operation connect_web_socket(Shard& shard,
                             WebSocketConnect request,
                             UniqueFunction<void(tl::expected<WebSocket, WebSocketRefusal>)> done) {
    auto url = parse_url(request.url);
    if (url && !url->scheme.starts_with("ws")) {
        url = fail(Errc::Unsupported, "URL scheme");
    }
    const auto attempt = std::make_shared<detail::WebSocketAttempt>(
        shard, url.value_or(Url{}), std::move(request), std::move(done));
    if (url) {
        attempt->start();
    } else {
        attempt->refuse_soon(url.error());
    }
    return Operation(attempt);
}

}  // namespace patchbay::net
