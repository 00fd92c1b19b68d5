// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/detail/await.hpp"
#include "net/detail/channel.hpp"
#include "net/detail/deadline.hpp"
#include "net/detail/http_services.hpp"
#include "net/detail/response_slot.hpp"
#include "net/tls_context.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace patchbay::net::detail {

// One connection of an HTTP server: reads a request, has it answered, writes the answer, and so on
// in order, so that pipelined requests are answered as they came. Hands itself over when it
// becomes a WebSocket.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
  public:
    // With `tls` it begins with a handshake.
    HttpConnection(std::shared_ptr<HttpServices> services,
                   Channel channel,
                   ConnectionPlace place,
                   std::optional<TlsContext> tls);
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;
    ~HttpConnection();

    void start();
    void close_if_idle();
    void abort();

  private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

    // What the answer to the request at hand has to respect.
    struct Framing {
        bool keep_alive = false;
        bool head_only = false;
        bool old_version = false;         // HTTP/1.0 knows no chunks
        std::optional<std::string> page;  // the listed origin that asks
    };

    // The awaitables of a request give false when the connection is over.
    static Awaitable<void> serve(std::shared_ptr<HttpConnection> self);
    Awaitable<bool> shake_hands();
    Awaitable<bool> serve_request();
    Awaitable<bool> serve_handler(HttpRequest request, std::size_t route);
    Awaitable<bool> serve_upgrade(HttpRequest request, std::size_t check);
    Awaitable<bool> refuse_unreadable(boost::system::error_code error);
    // Answers without the body having been read.
    Awaitable<bool> refuse(HttpResponse response);
    Awaitable<bool> read_body();
    Awaitable<bool> write_answer(Answer answer);
    Awaitable<bool> write_response(HttpResponse response);
    Awaitable<bool> write_streamed(StreamedResponse response);
    Awaitable<bool> write_pieces(std::shared_ptr<StreamState> stream, bool chunked);
    Awaitable<bool> write_text(std::string text);
    Awaitable<void> linger();

    HttpRequest take_head();
    // The route of a request, or the response that refuses it.
    std::variant<HttpResponse, Router::Found> decide(HttpRequest& request);
    std::optional<HttpResponse> judge(const HttpRequest& request);
    UpgradeDecision ask(UpgradeCheck& check, const HttpRequest& request);
    Responder make_responder();
    void end_stream(StreamState& stream);

    std::shared_ptr<HttpServices> services_;  // the server may be gone while an answer is written
    Channel channel_;
    std::optional<ConnectionPlace> place_;
    std::optional<TlsContext> tls_;
    SocketAddress local_;
    SocketAddress peer_;
    boost::beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    Framing framing_;
    Deadline deadline_;
    Signal answered_;
    std::optional<Answer> answer_;
    bool idle_ = true;
    bool aborted_ = false;
    bool upgraded_ = false;
};

}  // namespace patchbay::net::detail
