// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include "net/detail/await.hpp"
#include "net/detail/deadline.hpp"
#include "net/detail/dialer.hpp"
#include "net/detail/endpoint.hpp"
#include "net/detail/http_reply.hpp"
#include "net/detail/http_text.hpp"
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
    append_field(text, "Connection", "close");
    if (!request.body.empty() || request.method == HttpMethod::Post) {
        append_field(text, "Content-Length", std::to_string(request.body.size()));
    }
    for (const auto& [name, value] : request.fields) {
        append_field(text, name, value);
    }
    text += "\r\n";
    text += request.body;
    return text;
}

class FetchAttempt : public Cancelable, public std::enable_shared_from_this<FetchAttempt> {
  public:
    using Done = UniqueFunction<void(Result<HttpResponse>)>;

    FetchAttempt(Shard& shard, Url url, HttpFetch request, Done done)
        : shard_(shard),
          request_(std::move(request)),
          done_(std::move(done)),
          dialer_(shard, std::move(url), std::move(request_.admit)),
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
    static Awaitable<void> run(std::shared_ptr<FetchAttempt> self) {
        Result<HttpResponse> result = co_await self->exchange();
        self->stop();
        self->finish(std::move(result));
    }

    Awaitable<Result<HttpResponse>> exchange() {
        const Result<void> dialed = co_await dialer_.dial();
        if (!dialed) {
            co_return tl::unexpected(dialed.error());
        }
        Channel& channel = dialer_.channel();
        const std::string text = write_request(request_, dialer_.url());
        const auto bytes = asio::buffer(text);
        const auto [unsent, sent] = co_await asio::async_write(channel, bytes, kAwait);
        if (unsent) {
            co_return tl::unexpected(to_error(unsent, "HTTP request"));
        }
        http::response_parser<http::string_body> parser;
        parser.body_limit(request_.body_limit);
        parser.header_limit(kHttpHeader);
        parser.skip(request_.method == HttpMethod::Head);
        boost::beast::flat_buffer buffer;
        const auto [error, received] = co_await http::async_read(channel, buffer, parser, kAwait);
        if (error) {
            co_return tl::unexpected(response_error(error));
        }
        HttpResponse response = head_of(parser.get());
        response.body = std::move(parser.get().body());
        co_return response;
    }

    void time_out() {
        stop();
        finish(fail(Errc::Timeout, "HTTP fetch"));
    }

    void finish(Result<HttpResponse> result) {
        if (Done done = std::exchange(done_, {})) {
            shard_.steps().run("fetch", [&](Instant) { done(std::move(result)); });
        }
    }

    void stop() {
        deadline_.clear();
        dialer_.stop();
    }

    Shard& shard_;
    HttpFetch request_;
    Done done_;
    Dialer dialer_;
    Deadline deadline_;
};

}  // namespace
}  // namespace detail

Operation fetch(Shard& shard, HttpFetch request, UniqueFunction<void(Result<HttpResponse>)> done) {
    auto url = parse_url(request.url);
    if (url && !url->scheme.starts_with("http")) {
        url = fail(Errc::Unsupported, "URL scheme");
    }
    const auto attempt = std::make_shared<detail::FetchAttempt>(
        shard, url.value_or(Url{}), std::move(request), std::move(done));
    if (url) {
        attempt->start();
    } else {
        attempt->fail_soon(url.error());
    }
    return Operation(attempt);
}

}  // namespace patchbay::net
