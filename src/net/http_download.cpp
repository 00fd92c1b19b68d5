// SPDX-License-Identifier: Apache-2.0
#include "net/http_download.hpp"

#include "net/detail/await.hpp"
#include "net/detail/deadline.hpp"
#include "net/detail/endpoint.hpp"
#include "net/detail/http_reply.hpp"
#include "net/detail/http_text.hpp"
#include "net/detail/idle_connections.hpp"
#include "net/detail/steps.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include <array>
#include <memory>
#include <utility>

namespace patchbay::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;

Result<std::string> resolve_location(const Url& base, std::string_view location) {
    if (location.empty()) {
        return fail(Errc::Malformed, "HTTP redirection");
    }
    if (location.find("://") != std::string_view::npos &&
        location.find("://") < location.find_first_of("/?#")) {
        return std::string(location);
    }
    if (location.starts_with("//")) {
        return base.scheme + ":" + std::string(location);
    }
    const std::string origin = base.scheme + "://" + base.authority;
    if (location.starts_with('/')) {
        return origin + std::string(location);
    }
    const std::string path = base.target.substr(0, base.target.find('?'));
    if (location.starts_with('?')) {
        return origin + path + std::string(location);
    }
    return origin + path.substr(0, path.rfind('/') + 1) + std::string(location);
}

namespace detail {
namespace {

// What is read at once: as much as a socket usually has.
constexpr std::size_t kPiece = 16 * 1024;

bool is_redirection(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

class DownloadAttempt : public Cancelable, public std::enable_shared_from_this<DownloadAttempt> {
  public:
    // `pool` null: a connection of its own, which is closed.
    DownloadAttempt(Shard& shard,
                    std::shared_ptr<IdleConnections> pool,
                    HttpDownload request,
                    DownloadHandlers handlers)
        : shard_(shard),
          pool_(std::move(pool)),
          request_(std::move(request)),
          handlers_(std::move(handlers)),
          limit_(shard.context().get_executor(), [this] { time_out(); }),
          idle_(shard.context().get_executor(), [this] { time_out(); }) {}

    void start() {
        limit_.after(request_.time);
        idle_.after(request_.idle_time);
        auto self = shared_from_this();
        asio::co_spawn(shard_.context(), run(std::move(self)), asio::detached);
    }

    void cancel() override {
        over_ = true;
        stop();
    }

  private:
    static Awaitable<void> run(std::shared_ptr<DownloadAttempt> self) {
        const Result<void> result = co_await self->follow();
        self->finish(result);
    }

    Awaitable<Result<void>> follow() {
        std::string target = request_.url;
        bool secure = false;
        for (int i = 0; i <= kMaxRedirects; ++i) {
            const Result<Url> url = parse_url(target);
            if (!url) {
                co_return tl::unexpected(url.error());
            }
            if (!url->scheme.starts_with("http")) {
                co_return fail(Errc::Unsupported, "URL scheme");
            }
            if (secure && !url->secure()) {
                co_return fail(Errc::Forbidden, "redirection from https to http");
            }
            secure = url->secure();
            location_.clear();
            const Result<void> done = co_await exchange(*url);
            if (!done || location_.empty()) {
                co_return done;
            }
            Result<std::string> next = resolve_location(*url, location_);
            if (!next) {
                co_return tl::unexpected(next.error());
            }
            target = std::move(*next);
        }
        co_return fail(Errc::Forbidden, "redirections", kMaxRedirects);
    }

    Awaitable<Result<void>> exchange(Url url) {
        const std::string server = IdleConnections::server_of(url);
        const std::string text = write_request(url);
        connection_.reset();  // the one that redirected us
        answered_ = reusable_ = false;
        if (pool_ != nullptr) {
            ++pool_->statistics.requests;
            connection_ = pool_->take(server, request_.admit);
        }
        if (connection_ != nullptr) {
            const Result<void> done = co_await exchange_here(text, server);
            if (done || answered_ || over_) {
                co_return done;
            }
        }
        // Asked while it dials, and never again by whoever uses the connection after this.
        auto admit = [this](const SocketAddress& address) {
            return !request_.admit || request_.admit(address);
        };
        connection_ = std::make_unique<Dialer>(shard_, std::move(url), std::move(admit));
        if (pool_ != nullptr) {
            ++pool_->statistics.connections;
        }
        const Result<void> dialed = co_await connection_->dial();
        if (!dialed) {
            co_return dialed;
        }
        const Result<void> done = co_await exchange_here(text, server);
        co_return done;
    }

    // On the connection that is open.
    Awaitable<Result<void>> exchange_here(const std::string& text, const std::string& server) {
        const auto bytes = asio::buffer(text);
        Channel& channel = connection_->channel();
        const auto [unsent, sent] = co_await asio::async_write(channel, bytes, kAwait);
        if (unsent) {
            co_return tl::unexpected(to_error(unsent, "HTTP request"));
        }
        const Result<void> received = co_await receive();
        if (received && reusable_ && pool_ != nullptr && !over_) {
            pool_->give_back(server, std::move(connection_));
        } else if (connection_ != nullptr) {
            connection_->stop();
        }
        co_return received;
    }

    std::string write_request(const Url& url) const {
        std::string text(to_string(request_.method));
        text += ' ' + url.target + " HTTP/1.1\r\n";
        append_field(text, "Host", url.authority);
        append_field(text, "Accept-Encoding", "identity");
        if (pool_ == nullptr) {
            append_field(text, "Connection", "close");
        }
        if (request_.method == HttpMethod::Post) {
            append_field(text, "Content-Length", std::to_string(request_.body.size()));
        }
        for (const auto& [name, value] : request_.fields) {
            append_field(text, name, value);
        }
        return text + "\r\n" + request_.body;
    }

    Awaitable<Result<void>> receive() {
        http::response_parser<http::buffer_body> parser;
        parser.body_limit(request_.body_limit);
        parser.header_limit(kHttpHeader);
        boost::beast::flat_buffer buffer;
        Channel& channel = connection_->channel();
        const auto [error, count] =
            co_await http::async_read_header(channel, buffer, parser, kAwait);
        answered_ = count > 0;
        if (error) {
            co_return tl::unexpected(response_error(error));
        }
        const Result<void> wanted = handle_head(parser.get());
        if (!wanted || !location_.empty()) {
            co_return wanted;
        }
        std::array<std::uint8_t, kPiece> piece{};
        while (!parser.is_done()) {
            auto& body = parser.get().body();
            body.data = piece.data();
            body.size = piece.size();
            const auto [failed, read] =
                co_await http::async_read_some(channel, buffer, parser, kAwait);
            if (over_) {
                co_return fail(Errc::Closed, "download");
            }
            if (failed && failed != http::error::need_buffer) {
                co_return tl::unexpected(response_error(failed));
            }
            hand_on(ByteView(piece).first(piece.size() - body.size));
        }
        reusable_ = parser.keep_alive() && buffer.size() == 0;
        co_return Result<void>{};
    }

    template <class Message>
    Result<void> handle_head(const Message& message) {
        const HttpResponse head = head_of(message);
        if (is_redirection(head.status) && request_.method == HttpMethod::Get) {
            location_ = std::string(message[http::field::location]);
            if (!location_.empty()) {
                return {};
            }
        }
        const auto encoding = message[http::field::content_encoding];
        if (!encoding.empty() && encoding != "identity") {
            return fail(Errc::Unsupported, "HTTP content encoding");
        }
        Result<void> wanted;
        shard_.steps().run("download", [&](Instant) {
            wanted = over_ ? fail(Errc::Closed, "download") : handlers_.head(head);
        });
        return wanted;
    }

    void hand_on(ByteView piece) {
        if (piece.empty()) {
            return;
        }
        idle_.after(request_.idle_time);
        shard_.steps().run("download", [&](Instant) { handlers_.piece(piece); });
    }

    void time_out() {
        stop();
        finish(fail(Errc::Timeout, "HTTP download"));
    }

    void finish(const Result<void>& result) {
        stop();
        if (!std::exchange(over_, true)) {
            shard_.steps().run("download", [&](Instant) { handlers_.done(result); });
        }
    }

    void stop() {
        limit_.clear();
        idle_.clear();
        if (connection_ != nullptr) {
            connection_->stop();
        }
    }

    Shard& shard_;
    std::shared_ptr<IdleConnections> pool_;
    HttpDownload request_;
    DownloadHandlers handlers_;
    IdleConnections::Connection connection_;
    Deadline limit_;
    Deadline idle_;
    std::string location_;   // of a redirection that is to be followed
    bool answered_ = false;  // at least a byte of a response has come
    bool reusable_ = false;  // all of it has come, and nothing else
    bool over_ = false;
};

Operation begin_download(Shard& shard,
                         std::shared_ptr<IdleConnections> pool,
                         HttpDownload request,
                         DownloadHandlers handlers) {
    const auto attempt = std::make_shared<DownloadAttempt>(shard, std::move(pool),
                                                           std::move(request), std::move(handlers));
    attempt->start();
    return Operation(attempt);
}

}  // namespace
}  // namespace detail

Operation download(Shard& shard, HttpDownload request, DownloadHandlers handlers) {
    return detail::begin_download(shard, nullptr, std::move(request), std::move(handlers));
}

Operation HttpPool::download(HttpDownload request, DownloadHandlers handlers) {
    return detail::begin_download(shard_, idle_, std::move(request), std::move(handlers));
}

}  // namespace patchbay::net
