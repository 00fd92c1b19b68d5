// SPDX-License-Identifier: Apache-2.0
#include "net/detail/http_connection.hpp"

#include "base/overloaded.hpp"
#include "net/cross_origin.hpp"
#include "net/detail/endpoint.hpp"
#include "net/detail/http_text.hpp"
#include "net/detail/server_handshake.hpp"
#include "net/detail/steps.hpp"
#include "net/detail/web_socket_accept.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/read.hpp>

#include <utility>

namespace patchbay::net::detail {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

HttpFields take_fields(const http::fields& fields) {
    HttpFields out;
    for (const auto& field : fields) {
        out.add(std::string(field.name_string()), std::string(field.value()));
    }
    return out;
}

// The answer to a request that cannot be read; nothing when the client is simply gone.
std::optional<HttpResponse> refusal_of(const boost::system::error_code& error) {
    if (error == http::error::end_of_stream || error == http::error::partial_message) {
        return std::nullopt;
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return HttpResponse::error(431, "the request's header is too large");
    }
    if (error == http::error::body_limit) {
        return HttpResponse::error(413, "the request's body is too large");
    }
    if (error.category() == http::make_error_code(http::error::bad_method).category()) {
        return HttpResponse::error(400, "the request is malformed");
    }
    return std::nullopt;
}

std::string chunk_of(const std::string& bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string size;
    for (std::size_t rest = bytes.size(); rest != 0; rest /= 16) {
        size.insert(size.begin(), kDigits[rest % 16]);
    }
    return size + "\r\n" + bytes + "\r\n";
}

}  // namespace

HttpConnection::HttpConnection(std::shared_ptr<HttpServices> services,
                               Channel channel,
                               ConnectionPlace place,
                               std::optional<TlsContext> tls)
    : services_(std::move(services)),
      channel_(std::move(channel)),
      place_(std::move(place)),
      tls_(std::move(tls)),
      deadline_(channel_.get_executor(), [this] { channel_.close(); }),
      answered_(channel_.get_executor()) {
    boost::system::error_code ignored;  // a connection that is gone already says so when read
    local_ = from_endpoint(channel_.socket().local_endpoint(ignored));
    peer_ = from_endpoint(channel_.socket().remote_endpoint(ignored));
    services_->connections.insert(this);
}

HttpConnection::~HttpConnection() {
    services_->connections.erase(this);
}

void HttpConnection::start() {
    auto self = shared_from_this();
    asio::co_spawn(channel_.get_executor(), serve(std::move(self)), asio::detached);
}

void HttpConnection::close_if_idle() {
    if (idle_) {
        channel_.close();
    }
}

void HttpConnection::abort() {
    aborted_ = true;
    if (!upgraded_) {
        channel_.close();
    }
    answered_.notify();
}

Awaitable<void> HttpConnection::serve(std::shared_ptr<HttpConnection> self) {
    self->deadline_.after(self->services_->options.request_time);
    bool more = co_await self->shake_hands();
    while (more && !self->aborted_ && !self->services_->draining) {
        more = co_await self->serve_request();
        self->deadline_.after(self->services_->options.keep_alive_time);
    }
    self->deadline_.clear();
    if (!self->upgraded_) {
        self->channel_.close();
    }
}

Awaitable<bool> HttpConnection::shake_hands() {
    if (!tls_) {
        co_return true;
    }
    TlsContext context = *std::exchange(tls_, std::nullopt);
    co_return co_await accept_tls(services_->shard, channel_, std::move(context));
}

Awaitable<bool> HttpConnection::serve_request() {
    Parser& parser = parser_.emplace();
    parser.header_limit(static_cast<std::uint32_t>(services_->options.header_limit));
    parser.body_limit(services_->options.body_limit);
    idle_ = true;
    const auto [error, count] = co_await http::async_read_header(channel_, buffer_, parser, kAwait);
    idle_ = false;
    if (error) {
        co_return co_await refuse_unreadable(error);
    }
    if (aborted_) {
        co_return false;
    }
    framing_ = {parser.get().keep_alive(), parser.get().method() == http::verb::head,
                parser.get().version() == 10, std::nullopt};
    HttpRequest request = take_head();
    framing_.page = shared_origin(request, services_->options.shared_origins);
    auto decision = decide(request);
    if (auto* const refusal = std::get_if<HttpResponse>(&decision)) {
        HttpResponse response = std::move(*refusal);
        co_return co_await refuse(std::move(response));
    }
    auto& found = std::get<Router::Found>(decision);
    request.parameters = std::move(found.parameters);
    const std::size_t route = found.route;
    if (found.upgrade) {
        co_return co_await serve_upgrade(std::move(request), route);
    }
    co_return co_await serve_handler(std::move(request), route);
}

HttpRequest HttpConnection::take_head() {
    const auto& head = parser_->get();
    HttpRequest request;
    request.method_name = std::string(head.method_string());
    request.method = parse_http_method(request.method_name);
    request.target = std::string(head.target());
    request.fields = take_fields(head);
    request.peer = peer_;
    request.local = local_;
    request.secure = channel_.has_tls();
    request.upgrade = request.fields.has_token("Connection", "upgrade") &&
                      request.fields.has_token("Upgrade", "websocket");
    return request;
}

std::variant<HttpResponse, Router::Found> HttpConnection::decide(HttpRequest& request) {
    auto target = parse_http_target(request.target);
    if (!target) {
        return HttpResponse::error(400, "the request's target is malformed");
    }
    if (!framing_.old_version && request.fields.count("Host") != 1) {
        return HttpResponse::error(400, "one Host field is needed");  // RFC 9112 3.2
    }
    request.path = std::move(target->path);
    request.query = std::move(target->query);
    // A preflight carries no token, and only asks.
    const bool preflight = framing_.page && is_preflight(request);
    auto refusal = preflight ? std::nullopt : judge(request);
    if (refusal) {
        return std::move(*refusal);
    }
    using Decision = std::variant<HttpResponse, Router::Found>;
    const bool asked = request.method == HttpMethod::Options;
    return std::visit(
        Overloaded{
            [](Router::Found found) -> Decision { return found; },
            [&](const Router::WrongMethod& wrong) -> Decision {
                HttpResponse response =
                    preflight ? answer_preflight(wrong.allow)
                    : asked   ? HttpResponse{204, {}, {}}
                              : HttpResponse::error(405, "the method is not allowed here");
                response.fields.set("Allow", wrong.allow);
                return response;
            },
            [](const Router::UpgradeOnly&) -> Decision {
                HttpResponse response = HttpResponse::error(426, "a WebSocket is expected here");
                response.fields.set("Upgrade", "websocket");
                return response;
            },
            [](const Router::NotFound&) -> Decision {
                return HttpResponse::error(404, "there is nothing here");
            },
        },
        services_->router.find(request.method, target->segments, request.upgrade));
}

std::optional<HttpResponse> HttpConnection::judge(const HttpRequest& request) {
    std::optional<HttpResponse> refusal;
    if (services_->admission) {
        services_->shard.steps().run("http", [&](Instant) {
            refusal = HttpResponse::error(500, "the request could not be judged");
            refusal = services_->admission(request);
        });
    }
    return refusal;
}

Awaitable<bool> HttpConnection::refuse_unreadable(boost::system::error_code error) {
    auto refusal = refusal_of(error);
    if (!refusal || aborted_) {
        co_return false;
    }
    HttpResponse response = std::move(*refusal);
    framing_ = {};
    co_await write_response(std::move(response));
    co_await linger();
    co_return false;
}

Awaitable<bool> HttpConnection::refuse(HttpResponse response) {
    const bool body_is_unread = !parser_->is_done();
    framing_.keep_alive = framing_.keep_alive && !body_is_unread;
    const bool more = co_await write_response(std::move(response));
    if (body_is_unread) {
        co_await linger();
    }
    co_return more;
}

Awaitable<bool> HttpConnection::read_body() {
    Parser& parser = *parser_;
    deadline_.after(services_->options.request_time);
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        const bool written = co_await write_text(std::move(go_on));
        if (!written) {
            co_return false;
        }
    }
    const auto [error, count] = co_await http::async_read(channel_, buffer_, parser, kAwait);
    if (error) {
        co_await refuse_unreadable(error);
        co_return false;
    }
    co_return true;
}

Awaitable<bool> HttpConnection::serve_handler(HttpRequest request, std::size_t route) {
    const bool complete = co_await read_body();
    if (!complete || aborted_) {
        co_return false;
    }
    request.body = std::move(parser_->get().body());
    deadline_.clear();
    answer_.reset();
    services_->shard.steps().run(
        "http", [&](Instant) { services_->handlers[route](std::move(request), make_responder()); });
    co_await answered_.wait(services_->options.response_time);
    if (aborted_) {
        co_return false;
    }
    Answer answer = HttpResponse::error(504, "the answer took too long");
    if (answer_) {
        answer = std::move(*answer_);
    } else {
        framing_.keep_alive = false;  // so that a late answer cannot meet the next request
    }
    co_return co_await write_answer(std::move(answer));
}

Responder HttpConnection::make_responder() {
    return Responder(std::make_shared<ResponseSlot>(
        channel_.get_executor(), [weak = weak_from_this()](Answer answer) {
            if (const auto self = weak.lock()) {
                self->answer_ = std::move(answer);
                self->answered_.notify();
            } else if (const auto* streamed = std::get_if<StreamedResponse>(&answer)) {
                streamed->stream->closed = true;
            }
        }));
}

UpgradeDecision HttpConnection::ask(UpgradeCheck& check, const HttpRequest& request) {
    UpgradeDecision decision = HttpResponse::error(500, "the upgrade could not be judged");
    services_->shard.steps().run("upgrade", [&](Instant) { decision = check(request); });
    return decision;
}

Awaitable<bool> HttpConnection::serve_upgrade(HttpRequest request, std::size_t check) {
    // RFC 6455 4.1: the client sends nothing more before our answer.
    const bool too_eager = buffer_.size() != 0 || !parser_->is_done();
    UpgradeDecision decision =
        too_eager ? HttpResponse::error(400, "nothing may follow an upgrade before its answer")
                  : ask(services_->checks[check], request);
    if (auto* const refusal = std::get_if<HttpResponse>(&decision)) {
        HttpResponse response = std::move(*refusal);
        framing_.keep_alive = framing_.keep_alive && !too_eager;
        co_return co_await write_response(std::move(response));
    }
    SubprotocolOpen open;
    if (auto* const plain = std::get_if<WebSocketOpen>(&decision)) {
        open.open = std::move(*plain);
    } else {
        open = std::move(std::get<SubprotocolOpen>(decision));
    }
    upgraded_ = true;
    deadline_.clear();
    accept_web_socket(services_->shard, std::move(channel_), std::move(*place_), parser_->release(),
                      services_->options, std::move(open));
    place_.reset();
    co_return false;
}

Awaitable<bool> HttpConnection::write_answer(Answer answer) {
    if (auto* const streamed = std::get_if<StreamedResponse>(&answer)) {
        StreamedResponse response = std::move(*streamed);
        co_return co_await write_streamed(std::move(response));
    }
    HttpResponse response = std::move(std::get<HttpResponse>(answer));
    co_return co_await write_response(std::move(response));
}

Awaitable<bool> HttpConnection::write_response(HttpResponse response) {
    const bool keep_alive = framing_.keep_alive && !services_->draining;
    if (framing_.page) {
        share_with(*framing_.page, response.fields);
    }
    std::string text = response_head(response, services_->options.server_name);
    append_field(text, "Connection", keep_alive ? "keep-alive" : "close");
    const bool has_body =
        response.status >= 200 && response.status != 204 && response.status != 304;
    if (has_body) {
        append_field(text, "Content-Length", std::to_string(response.body.size()));
    }
    text += "\r\n";
    if (has_body && !framing_.head_only) {
        text += response.body;
    }
    const bool written = co_await write_text(std::move(text));
    co_return written&& keep_alive;
}

Awaitable<bool> HttpConnection::write_streamed(StreamedResponse response) {
    const bool chunked = !response.length && !framing_.old_version;
    const bool keep_alive = framing_.keep_alive && (chunked || response.length);
    if (framing_.page) {
        share_with(*framing_.page, response.head.fields);
    }
    std::string head = response_head(response.head, services_->options.server_name);
    append_field(head, "Connection", keep_alive ? "keep-alive" : "close");
    if (chunked) {
        append_field(head, "Transfer-Encoding", "chunked");
    } else if (response.length) {
        append_field(head, "Content-Length", std::to_string(*response.length));
    }
    head += "\r\n";
    std::shared_ptr<StreamState> stream = std::move(response.stream);
    stream->length_left = chunked ? std::nullopt : response.length;
    stream->wake = [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->answered_.notify();
        }
    };
    bool complete = co_await write_text(std::move(head));
    if (complete && !framing_.head_only) {
        complete = co_await write_pieces(stream, chunked);
    }
    end_stream(*stream);
    co_return complete&& keep_alive;
}

// True when the body ended as its head had promised.
Awaitable<bool> HttpConnection::write_pieces(std::shared_ptr<StreamState> stream, bool chunked) {
    while (!aborted_) {
        if (!stream->queue.empty()) {
            std::string piece = stream->take();
            if (chunked) {
                piece = chunk_of(piece);
            }
            const bool written = co_await write_text(std::move(piece));
            if (!written) {
                co_return false;
            }
        } else if (stream->finished) {
            std::string end = chunked ? "0\r\n\r\n" : "";
            const bool written = co_await write_text(std::move(end));
            co_return written && stream->length_left.value_or(0) == 0;
        } else {
            services_->shard.steps().run("http", [&](Instant) { stream->call_drained(); });
            if (stream->queue.empty() && !stream->finished) {
                co_await answered_.wait(std::nullopt);
            }
        }
    }
    co_return false;
}

void HttpConnection::end_stream(StreamState& stream) {
    stream.closed = true;
    stream.wake = {};
    services_->shard.steps().run("http", [&](Instant) { stream.call_closed(); });
}

Awaitable<bool> HttpConnection::write_text(std::string text) {
    deadline_.after(kHttpWriteTime);
    const auto bytes = asio::buffer(text);
    const auto [error, count] = co_await asio::async_write(channel_, bytes, kAwait);
    deadline_.clear();
    co_return !error && !aborted_;
}

Awaitable<void> HttpConnection::linger() {
    boost::system::error_code ignored;
    channel_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    deadline_.after(kHttpLingerTime);
    std::string forgotten(16 * 1024, '\0');
    const auto space = asio::buffer(forgotten);
    for (std::size_t total = 0; total < kHttpLingerBytes;) {
        const auto [error, count] = co_await channel_.async_read_some(space, kAwait);
        if (error) {
            break;
        }
        total += count;
    }
}

}  // namespace patchbay::net::detail
