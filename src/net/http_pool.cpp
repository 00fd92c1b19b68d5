// SPDX-License-Identifier: Apache-2.0
#include "net/http_pool.hpp"

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
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <string>
#include <utility>

namespace patchbay::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace detail {

namespace {

std::string write_request(const HttpFetch& request, const Url& url) {
    std::string text(to_string(request.method));
    text += ' ' + url.target + " HTTP/1.1\r\n";
    append_field(text, "Host", url.authority);
    append_field(text, "Content-Length", std::to_string(request.body.size()));
    for (const auto& [name, value] : request.fields) {
        append_field(text, name, value);
    }
    text += "\r\n";
    text += request.body;
    return text;
}

class PooledRequest : public Cancelable, public std::enable_shared_from_this<PooledRequest> {
  public:
    using Done = UniqueFunction<void(Result<HttpResponse>)>;

    PooledRequest(
        Shard& shard, std::shared_ptr<IdleConnections> idle, Url url, HttpFetch request, Done done)
        : shard_(shard),
          idle_(std::move(idle)),
          url_(std::move(url)),
          request_(std::move(request)),
          done_(std::move(done)),
          deadline_(shard.context().get_executor(), [this] { time_out(); }) {
        deadline_.after(request_.time);
    }

    void start() {
        auto self = shared_from_this();
        asio::co_spawn(shard_.context(), run(std::move(self)), asio::detached);
    }

    void fail_soon(const Error& error) {
        asio::post(shard_.context(), [self = shared_from_this(), error] {
            self->stop();
            self->finish(tl::unexpected(error));
        });
    }

    void cancel() override {
        done_ = {};
        stop();
    }

  private:
    static Awaitable<void> run(std::shared_ptr<PooledRequest> self) {
        Result<HttpResponse> result = co_await self->send();
        self->stop();
        self->finish(std::move(result));
    }

    Awaitable<Result<HttpResponse>> send() {
        ++idle_->statistics.requests;
        connection_ = idle_->take(IdleConnections::server_of(url_), request_.admit);
        if (connection_) {
            Result<HttpResponse> result = co_await exchange();
            if (result || answered_ || stopped_) {
                co_return result;
            }
        }
        ++idle_->statistics.connections;
        connection_ = std::make_unique<Dialer>(shard_, url_, std::move(request_.admit));
        const Result<void> dialed = co_await connection_->dial();
        if (!dialed) {
            co_return tl::unexpected(dialed.error());
        }
        Result<HttpResponse> result = co_await exchange();
        co_return result;
    }

    Awaitable<Result<HttpResponse>> exchange() {
        Channel& channel = connection_->channel();
        const std::string text = write_request(request_, url_);
        const auto bytes = asio::buffer(text);
        const auto [unsent, sent] = co_await asio::async_write(channel, bytes, kAwait);
        if (unsent) {
            co_return tl::unexpected(to_error(unsent, "HTTP request"));
        }
        http::response_parser<http::string_body> parser;
        parser.body_limit(request_.body_limit);
        parser.header_limit(kHttpHeader);
        boost::beast::flat_buffer buffer;
        const auto [error, received] = co_await http::async_read(channel, buffer, parser, kAwait);
        answered_ = received > 0;
        if (error) {
            co_return tl::unexpected(response_error(error));
        }
        if (parser.keep_alive() && buffer.size() == 0 && !stopped_) {
            idle_->give_back(IdleConnections::server_of(url_), std::move(connection_));
        }
        HttpResponse response = head_of(parser.get());
        response.body = std::move(parser.get().body());
        co_return response;
    }

    void time_out() {
        stop();
        finish(fail(Errc::Timeout, "HTTP request"));
    }

    void finish(Result<HttpResponse> result) {
        if (Done done = std::exchange(done_, {})) {
            shard_.steps().run("request", [&](Instant) { done(std::move(result)); });
        }
    }

    void stop() {
        stopped_ = true;
        deadline_.clear();
        if (connection_) {
            connection_->stop();
        }
    }

    Shard& shard_;
    std::shared_ptr<IdleConnections> idle_;
    Url url_;
    HttpFetch request_;
    Done done_;
    Deadline deadline_;
    std::unique_ptr<Dialer> connection_;
    bool answered_ = false;  // at least a byte of a response has come
    bool stopped_ = false;
};

}  // namespace
}  // namespace detail

HttpPool::HttpPool(Shard& shard)
    : shard_(shard), idle_(std::make_shared<detail::IdleConnections>()) {}

HttpPool::~HttpPool() {
    idle_->close();
}

Operation HttpPool::send(HttpFetch request, UniqueFunction<void(Result<HttpResponse>)> done) {
    auto url = parse_url(request.url);
    if (url && !url->scheme.starts_with("http")) {
        url = fail(Errc::Unsupported, "URL scheme");
    }
    const auto one = std::make_shared<detail::PooledRequest>(shard_, idle_, url.value_or(Url{}),
                                                             std::move(request), std::move(done));
    if (url) {
        one->start();
    } else {
        one->fail_soon(url.error());
    }
    return Operation(one);
}

HttpPool::Statistics HttpPool::statistics() const {
    return idle_->statistics;
}

}  // namespace patchbay::net
