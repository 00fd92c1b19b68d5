// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.hpp"

#include "net/http_client.hpp"
#include "support/raw_tcp_client.hpp"
#include "support/run_shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace patchbay::net {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr SocketAddress kAnyPort{IpAddress::v4(127, 0, 0, 1), 0};

std::string count_of(const std::string& text, std::string_view wanted) {
    int count = 0;
    for (auto at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1)) {
        ++count;
    }
    return std::to_string(count);
}

class HttpOnLoopback : public testing::Test {
  protected:
    void serve(const HttpServerOptions& options = {}) {
        server_.emplace(shard_, options);
        server_->route(HttpMethod::Get, "/hello", [](const HttpRequest&, Responder responder) {
            responder.send(HttpResponse::text(200, "hello"));
        });
        server_->route(HttpMethod::Post, "/echo/{name}",
                       [](HttpRequest request, Responder responder) {
                           std::string body(*request.parameter("name"));
                           body += '|' + std::string(request.query_value("q").value_or("none"));
                           body += '|' + std::string(request.header("x-test").value_or("none"));
                           body += '|' + request.body;
                           responder.send(HttpResponse::text(200, std::move(body)));
                       });
    }

    SocketAddress listen() { return server_->listen(kAnyPort).value(); }

    Result<HttpResponse> fetch_now(HttpFetch request) {
        std::optional<Result<HttpResponse>> outcome;
        const Operation operation =
            fetch(shard_, std::move(request),
                  [&](Result<HttpResponse> result) { outcome = std::move(result); });
        EXPECT_TRUE(test::run_until(shard_, [&] { return outcome.has_value(); }));
        return outcome.value_or(fail(Errc::Timeout, "test"));
    }

    std::string url(const SocketAddress& address, std::string_view target) {
        return "http://" + address.to_string() + std::string(target);
    }

    HttpResponse get(const SocketAddress& address, std::string_view target) {
        HttpFetch request;
        request.url = url(address, target);
        return fetch_now(std::move(request)).value();
    }

    Shard shard_;
    std::optional<HttpServer> server_;
};

TEST_F(HttpOnLoopback, ARouteGetsItsRequestDecoded) {
    serve();
    const SocketAddress address = listen();
    HttpFetch request;
    request.method = HttpMethod::Post;
    request.url = url(address, "/echo/a%20b/?q=1%262");
    request.fields.add("X-Test", "yes");
    request.body = "the body";
    const auto response = fetch_now(std::move(request));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "a b|1&2|yes|the body");
    EXPECT_EQ(response->fields.find("server"), "patchbay");
    EXPECT_TRUE(response->fields.find("date"));
}

TEST_F(HttpOnLoopback, BothLoopbackAddressesMayBeServed) {
    serve();
    const SocketAddress v4 = listen();
    const auto v6 = server_->listen({*IpAddress::parse("::1"), v4.port});
    ASSERT_TRUE(v6);
    EXPECT_EQ(get(*v6, "/hello").body, "hello");
    EXPECT_EQ(get(v4, "/hello").body, "hello");
}

TEST_F(HttpOnLoopback, WhatIsNotThereIs404AndAWrongMethodIs405WithAllowAsJson) {
    serve();
    const SocketAddress address = listen();
    const auto missing = get(address, "/nothing");
    EXPECT_EQ(missing.status, 404);
    EXPECT_THAT(missing.body, StartsWith(R"({"error":")"));
    EXPECT_EQ(missing.fields.find("content-type"), "application/json");
    const auto wrong = get(address, "/echo/x");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.fields.find("allow"), "POST, OPTIONS");
}

TEST_F(HttpOnLoopback, OptionsNamesTheMethodsAndHeadHasNoBody) {
    serve();
    test::RawTcpClient client(shard_, listen());
    client.send("OPTIONS /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(client.read_until("\r\n\r\n"),
                testing::AllOf(StartsWith("HTTP/1.1 204 No Content\r\n"),
                               HasSubstr("Allow: GET, HEAD, OPTIONS\r\n")));
    client.send("HEAD /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(client.read_to_end(),
                testing::AllOf(HasSubstr("Content-Length: 5\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(HttpOnLoopback, PipelinedRequestsAreAnsweredInTheirOrder) {
    serve();
    server_->route(HttpMethod::Get, "/slow", [this](const HttpRequest&, Responder responder) {
        ASSERT_TRUE(shard_.post([later = std::move(responder)]() mutable {
            later.send(HttpResponse::text(200, "slow"));
        }));
    });
    test::RawTcpClient client(shard_, listen());
    client.send(
        "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"
        "POST /echo/x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok"
        "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const std::string& all = client.read_to_end();
    EXPECT_EQ(count_of(all, "HTTP/1.1 200 OK"), "3");
    EXPECT_LT(all.find("slow"), all.find("x|none|none|ok"));
    EXPECT_THAT(all, EndsWith("hello"));
}

TEST_F(HttpOnLoopback, AnOversizeHeaderIs431) {
    serve();
    test::RawTcpClient client(shard_, listen());
    client.send("GET /hello HTTP/1.1\r\nX: " + std::string(kHttpHeader, 'x') + "\r\n\r\n");
    EXPECT_THAT(client.read_to_end(),
                testing::AllOf(StartsWith("HTTP/1.1 431 "), HasSubstr(R"({"error":")")));
}

TEST_F(HttpOnLoopback, ABodyThatIsAnnouncedTooLargeIs413BeforeItIsRead) {
    serve();
    test::RawTcpClient client(shard_, listen());
    client.send("POST /echo/x HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n");
    EXPECT_THAT(client.read_to_end(),
                testing::AllOf(StartsWith("HTTP/1.1 413 "), HasSubstr(R"({"error":")")));
}

TEST_F(HttpOnLoopback, ABodyThatGrowsTooLargeInChunksIs413ThoughTheClientIsStillSending) {
    HttpServerOptions options;
    options.body_limit = 100'000;
    serve(options);
    test::RawTcpClient client(shard_, listen());
    client.send("POST /echo/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 16; ++i) {
        client.send("4000\r\n" + std::string(0x4000, 'x') + "\r\n");
    }
    EXPECT_THAT(client.read_to_end(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpOnLoopback, WhatIsNotHttpIs400) {
    serve();
    const SocketAddress address = listen();
    for (const char* garbage :
         {"\x16\x03\x01\x02\r\n\r\n", "INVITE sip:x SIP/2.0\r\n\r\n", "GET /\r\n\r\n",
          "GET /hello HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "GET /hello HTTP/1.1\r\n\r\n", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
          "POST /echo/x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
          "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n"}) {
        test::RawTcpClient client(shard_, address);
        client.send(garbage);
        client.start_reading();
        EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 400 ")) << garbage;
    }
}

TEST_F(HttpOnLoopback, AClientThatExpects100MaySendItsBodyThen) {
    serve();
    test::RawTcpClient client(shard_, listen());
    client.send(
        "POST /echo/x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 100 Continue\r\n\r\n"));
    client.send("body");
    EXPECT_THAT(client.read_until("body"), HasSubstr("HTTP/1.1 200 OK"));
}

TEST_F(HttpOnLoopback, AnAnswerMayComeFromAnotherShard) {
    serve();
    Shard other;
    server_->route(HttpMethod::Get, "/far", [&](const HttpRequest&, Responder responder) {
        ASSERT_TRUE(other.post([far = std::move(responder)]() mutable {
            far.send(HttpResponse::text(200, "from afar"));
        }));
    });
    const SocketAddress address = listen();
    other.start();
    EXPECT_EQ(get(address, "/far").body, "from afar");
    other.stop();
    other.join();
}

TEST_F(HttpOnLoopback, ARouteThatForgetsToAnswerOrThrowsIsAnsweredFor) {
    serve();
    server_->route(HttpMethod::Get, "/forget", [](const HttpRequest&, const Responder&) {});
    server_->route(HttpMethod::Get, "/throw", [](const HttpRequest&, const Responder&) {
        throw std::runtime_error("broken");
    });
    const SocketAddress address = listen();
    EXPECT_EQ(get(address, "/forget").status, 500);
    EXPECT_EQ(get(address, "/throw").status, 500);
    EXPECT_EQ(shard_.statistics().faults, 1U);
    EXPECT_EQ(get(address, "/hello").status, 200);
}

TEST_F(HttpOnLoopback, ARouteThatTakesTooLongIs504AndItsLateAnswerGoesNowhere) {
    HttpServerOptions options;
    options.response_time = Milliseconds{20};
    serve(options);
    std::optional<Responder> late;
    server_->route(HttpMethod::Get, "/late", [&](const HttpRequest&, Responder responder) {
        late.emplace(std::move(responder));
    });
    EXPECT_EQ(get(listen(), "/late").status, 504);
    late->send(HttpResponse::text(200, "too late"));
    shard_.run_one();
}

TEST_F(HttpOnLoopback, ASlowOrSilentClientIsCutOff) {
    HttpServerOptions options;
    options.request_time = Milliseconds{30};
    serve(options);
    const SocketAddress address = listen();
    test::RawTcpClient silent(shard_, address);
    test::RawTcpClient slow(shard_, address);
    slow.send("GET /hello HTTP/1.1\r\nHos");
    EXPECT_EQ(silent.read_to_end(), "");
    EXPECT_EQ(slow.read_to_end(), "");
    EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(HttpOnLoopback, ConnectionsOverTheCapAreRefusedAndCounted) {
    HttpServerOptions options;
    options.limits = {2, 2};
    serve(options);
    const SocketAddress address = listen();
    const test::RawTcpClient first(shard_, address);
    const test::RawTcpClient second(shard_, address);
    ASSERT_TRUE(test::run_until(shard_, [&] { return server_->connections() == 2; }));
    test::RawTcpClient third(shard_, address);
    EXPECT_EQ(third.read_to_end(), "");
    EXPECT_EQ(server_->refused_connections(), 1U);
}

TEST_F(HttpOnLoopback, AdmissionIsAskedBeforeRoutesAndBodies) {
    serve();
    server_->admission([](const HttpRequest& request) -> std::optional<HttpResponse> {
        if (request.header("authorization") == "Bearer good") {
            return std::nullopt;
        }
        return HttpResponse::error(401, "a token is needed");
    });
    const SocketAddress address = listen();
    EXPECT_EQ(get(address, "/hello").status, 401);
    EXPECT_EQ(get(address, "/nothing").status, 401);
    HttpFetch request;
    request.url = url(address, "/hello");
    request.fields.add("Authorization", "Bearer good");
    EXPECT_EQ(fetch_now(std::move(request))->status, 200);
}

TEST_F(HttpOnLoopback, AValueCannotForgeAField) {
    serve();
    server_->route(HttpMethod::Get, "/split", [](const HttpRequest& request, Responder responder) {
        HttpResponse response;
        response.fields.add("X-Echo", std::string(*request.query_value("v")));
        responder.send(std::move(response));
    });
    const auto response = get(listen(), "/split?v=a%0d%0aSet-Cookie:%20b");
    EXPECT_EQ(response.fields.find("X-Echo"), "a  Set-Cookie: b");
    EXPECT_FALSE(response.fields.find("Set-Cookie"));
}

TEST_F(HttpOnLoopback, AStreamedBodyComesInChunksAsItIsWritten) {
    serve();
    std::optional<BodyStream> stream;
    server_->route(HttpMethod::Get, "/events", [&](const HttpRequest&, Responder responder) {
        HttpResponse head;
        head.fields.add("Content-Type", "text/event-stream");
        stream = responder.stream(std::move(head));
    });
    test::RawTcpClient client(shard_, listen());
    client.send("GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("Transfer-Encoding: chunked\r\n"));
    ASSERT_TRUE(stream);
    ASSERT_TRUE(stream->write("data: 1\n\n"));
    EXPECT_THAT(client.read_until("data: 1"), Not(HasSubstr("data: 2")));
    ASSERT_TRUE(stream->write("data: 2\n\n"));
    stream->finish();
    EXPECT_THAT(client.read_until("\r\n0\r\n"), EndsWith("9\r\ndata: 2\n\n\r\n0\r\n\r\n"));
    EXPECT_EQ(stream->write("x").error().code, Errc::Closed);
    client.send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_until("hello"), EndsWith("hello"));
}

TEST_F(HttpOnLoopback, ADownloadIsWrittenAtThePaceOfItsReader) {
    serve();
    constexpr std::size_t kTotal = 5'000'000;
    std::optional<BodyStream> stream;
    std::size_t written = 0;
    std::size_t most_at_once = 0;
    server_->route(HttpMethod::Get, "/file", [&](const HttpRequest&, Responder responder) {
        stream = responder.stream(HttpResponse{}, kTotal);
        stream->on_drained([&] {
            std::size_t now = 0;
            while (written < kTotal && stream->write(std::string(50'000, 'f'))) {
                written += 50'000;
                now += 50'000;
            }
            most_at_once = std::max(most_at_once, now);
            if (written == kTotal) {
                stream->finish();
            }
        });
    });
    const auto response = get(listen(), "/file");
    EXPECT_EQ(response.body.size(), kTotal);
    EXPECT_EQ(response.fields.find("content-length"), "5000000");
    EXPECT_LE(most_at_once, kHttpStreamQueue);
}

TEST_F(HttpOnLoopback, AStreamLearnsThatItsClientIsGone) {
    serve();
    std::optional<BodyStream> stream;
    bool closed = false;
    server_->route(HttpMethod::Get, "/events", [&](const HttpRequest&, Responder responder) {
        stream = responder.stream(HttpResponse{});
        stream->on_closed([&] { closed = true; });
    });
    {
        test::RawTcpClient client(shard_, listen());
        client.send("GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
        client.read_until("\r\n\r\n");
    }
    ASSERT_TRUE(test::run_until(shard_, [&] {
        (void)stream->write(": are you there\n\n");
        return closed;
    }));
    EXPECT_EQ(stream->write("x").error().code, Errc::Closed);
}

TEST_F(HttpOnLoopback, AServerThatIsDestroyedLeavesUnansweredRequestsBehindWithoutHarm) {
    serve();
    std::optional<Responder> unanswered;
    server_->route(HttpMethod::Get, "/never", [&](const HttpRequest&, Responder responder) {
        unanswered.emplace(std::move(responder));
    });
    test::RawTcpClient client(shard_, listen());
    client.send("GET /never HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_TRUE(test::run_until(shard_, [&] { return unanswered.has_value(); }));
    server_.reset();
    EXPECT_EQ(client.read_to_end(), "");
    unanswered->send(HttpResponse::text(200, "to nobody"));
    shard_.run_one();
}

TEST_F(HttpOnLoopback, AFetchReportsWhyItFailed) {
    serve();
    server_->route(HttpMethod::Get, "/large", [](const HttpRequest&, Responder responder) {
        responder.send(HttpResponse::text(200, std::string(2000, 'x')));
    });
    std::optional<Responder> never;
    server_->route(HttpMethod::Get, "/never", [&](const HttpRequest&, Responder responder) {
        never.emplace(std::move(responder));
    });
    const SocketAddress address = listen();
    const auto error_of = [&](HttpFetch request) {
        return fetch_now(std::move(request)).error().code;
    };
    HttpFetch request;
    request.url = "ftp://localhost/";
    EXPECT_EQ(error_of(std::move(request)), Errc::Unsupported);
    request = {};
    request.url = url(address, "/large");
    request.body_limit = 1000;
    EXPECT_EQ(error_of(std::move(request)), Errc::TooLarge);
    request = {};
    request.url = url(address, "/never");
    request.time = Milliseconds{30};
    EXPECT_EQ(error_of(std::move(request)), Errc::Timeout);
    request = {};
    request.url = url(address, "/hello");
    request.admit = [&](const SocketAddress& resolved) { return resolved != address; };
    EXPECT_EQ(error_of(std::move(request)), Errc::Forbidden);
    server_.reset();
    request = {};
    request.url = url(address, "/hello");
    EXPECT_EQ(error_of(std::move(request)), Errc::Refused);
}

TEST_F(HttpOnLoopback, AFetchByNameFindsTheServer) {
    serve();
    const SocketAddress address = listen();
    HttpFetch request;
    request.url = "http://localhost:" + std::to_string(address.port) + "/hello";
    EXPECT_EQ(fetch_now(std::move(request))->body, "hello");
}

TEST_F(HttpOnLoopback, AFetchOverTlsNeedsAServerThatSpeaksIt) {
    serve();
    HttpFetch request;
    request.url = "https://" + listen().to_string() + "/hello";
    EXPECT_EQ(fetch_now(std::move(request)).error().where, "TLS handshake");
}

TEST_F(HttpOnLoopback, ACanceledFetchSaysNothing) {
    serve();
    bool asked = false;
    server_->route(HttpMethod::Get, "/never",
                   [&](const HttpRequest&, const Responder&) { asked = true; });
    HttpFetch request;
    request.url = url(listen(), "/never");
    {
        const Operation operation =
            fetch(shard_, std::move(request),
                  [](const Result<HttpResponse>&) { ADD_FAILURE() << "canceled"; });
        ASSERT_TRUE(test::run_until(shard_, [&] { return asked; }));
    }
    ASSERT_TRUE(test::run_until(shard_, [&] { return server_->connections() == 0; }));
}

}  // namespace
}  // namespace patchbay::net
