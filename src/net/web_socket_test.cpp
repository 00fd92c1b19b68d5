// SPDX-License-Identifier: Apache-2.0
#include "net/web_socket.hpp"

#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "support/raw_tcp_client.hpp"
#include "support/run_shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::net {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr SocketAddress kAnyPort{IpAddress::v4(127, 0, 0, 1), 0};
constexpr std::string_view kUpgrade =
    "GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

// Everything that one end of a WebSocket was told.
struct Heard {
    std::vector<std::string> texts;
    std::vector<std::string> binaries;
    std::vector<std::string> pongs;
    std::vector<WebSocketClosed> closed;

    WebSocketHandlers handlers() {
        return {[this](Instant, std::string_view text) { texts.emplace_back(text); },
                [this](Instant, ByteView bytes) { binaries.emplace_back(as_text(bytes)); },
                [this](Instant, std::string_view payload) { pongs.emplace_back(payload); },
                [this](Instant, const WebSocketClosed& how) { closed.push_back(how); }};
    }
};

class WebSocketOnLoopback : public testing::Test {
  protected:
    void SetUp() override { serve({}); }

    void serve(const HttpServerOptions& options) {
        server_ = std::make_unique<HttpServer>(shard_, options);
        server_->upgrade("/echo", [this](const HttpRequest&) -> UpgradeDecision {
            return WebSocketOpen([this](WebSocket socket) { echo(std::move(socket)); });
        });
        server_->upgrade("/silent", [this](const HttpRequest&) -> UpgradeDecision {
            return WebSocketOpen([this](WebSocket socket) {
                accepted_.push_back(std::move(socket));
                accepted_.back().start(server_heard_.handlers());
            });
        });
        server_->upgrade("/call/{id}", [](const HttpRequest& request) -> UpgradeDecision {
            return HttpResponse::error(409, std::string(*request.parameter("id")) + " is taken");
        });
        address_ = server_->listen(kAnyPort).value();
    }

    void echo(WebSocket socket) {
        accepted_.push_back(std::move(socket));
        WebSocket& echoing = accepted_.back();
        WebSocketHandlers handlers = server_heard_.handlers();
        handlers.text = [&](Instant, std::string_view text) {
            echoing.send_text(std::string(text));
        };
        handlers.binary = [&](Instant, ByteView bytes) { echoing.send_binary(bytes); };
        echoing.start(std::move(handlers));
    }

    WebSocket connect(std::string_view path) {
        std::optional<WebSocket> socket;
        WebSocketConnect request;
        request.url = "ws://" + address_.to_string() + std::string(path);
        const Operation operation =
            connect_web_socket(shard_, std::move(request), [&](auto result) {
                ASSERT_TRUE(result) << describe(result.error().error);
                socket = std::move(*result);
            });
        EXPECT_TRUE(run_until([&] { return socket.has_value(); }));
        return std::move(*socket);
    }

    template <class Predicate>
    bool run_until(Predicate&& done) {
        return test::run_until(shard_, done);
    }

    Shard shard_;
    Heard server_heard_;
    std::list<WebSocket> accepted_;
    std::unique_ptr<HttpServer> server_;
    SocketAddress address_;
};

TEST_F(WebSocketOnLoopback, TextAndBinaryMessagesKeepTheirKindAndOrder) {
    WebSocket client = connect("/echo");
    Heard heard;
    client.start(heard.handlers());
    client.send_text("one");
    client.send_binary(as_bytes(std::string(100'000, 'b')));
    client.send_text("");
    ASSERT_TRUE(run_until([&] { return heard.texts.size() == 2; }));
    EXPECT_THAT(heard.texts, ElementsAre("one", ""));
    EXPECT_THAT(heard.binaries, ElementsAre(std::string(100'000, 'b')));
}

TEST_F(WebSocketOnLoopback, APingIsAnsweredWithItsPayload) {
    WebSocket client = connect("/silent");
    Heard heard;
    client.start(heard.handlers());
    client.ping("2026-11-20T08:00:00Z");
    accepted_.front().ping("from the server");
    ASSERT_TRUE(run_until([&] { return !heard.pongs.empty() && !server_heard_.pongs.empty(); }));
    EXPECT_THAT(heard.pongs, ElementsAre("2026-11-20T08:00:00Z"));
    EXPECT_THAT(server_heard_.pongs, ElementsAre("from the server"));
}

TEST_F(WebSocketOnLoopback, ACloseWritesWhatIsQueuedAndBothSidesHearItOnce) {
    WebSocket client = connect("/silent");
    Heard heard;
    client.start(heard.handlers());
    accepted_.front().send_text("goodbye");
    accepted_.front().close(4000, "done");
    accepted_.front().send_text("too late");
    ASSERT_TRUE(run_until([&] { return !heard.closed.empty() && !server_heard_.closed.empty(); }));
    EXPECT_THAT(heard.texts, ElementsAre("goodbye"));
    ASSERT_EQ(heard.closed.size(), 1U);
    EXPECT_EQ(heard.closed[0].code, 4000);
    EXPECT_EQ(heard.closed[0].reason, "done");
    EXPECT_TRUE(heard.closed[0].by_peer);
    ASSERT_EQ(server_heard_.closed.size(), 1U);
    EXPECT_EQ(server_heard_.closed[0].code, 4000);
    EXPECT_FALSE(server_heard_.closed[0].by_peer);
    EXPECT_TRUE(run_until([&] { return server_->connections() == 0; }));
}

TEST_F(WebSocketOnLoopback, ADestroyedSocketClosesAsGoingAway) {
    {
        WebSocket client = connect("/silent");
        client.start({[](Instant, std::string_view) {},
                      {},
                      {},
                      [](Instant, const WebSocketClosed&) { ADD_FAILURE() << "destroyed"; }});
    }
    ASSERT_TRUE(run_until([&] { return !server_heard_.closed.empty(); }));
    EXPECT_EQ(server_heard_.closed[0].code, close_code::kGoingAway);
    EXPECT_TRUE(server_heard_.closed[0].by_peer);
}

TEST_F(WebSocketOnLoopback, AHandlerMayDestroyItsSocket) {
    std::optional<WebSocket> client = connect("/echo");
    client->start({[&](Instant, std::string_view) { client.reset(); }, {}, {}, {}});
    client->send_text("x");
    client->send_text("y");
    ASSERT_TRUE(run_until([&] { return !client && !server_heard_.closed.empty(); }));
}

TEST_F(WebSocketOnLoopback, AConnectionThatBreaksIsReportedOnceAsAbnormal) {
    {
        test::RawTcpClient client(shard_, address_);
        client.send(kUpgrade);
        client.read_until("\r\n\r\n");
    }
    ASSERT_TRUE(run_until([&] { return !server_heard_.closed.empty(); }));
    EXPECT_TRUE(run_until([&] { return server_->connections() == 0; }));
    ASSERT_EQ(server_heard_.closed.size(), 1U);
    EXPECT_EQ(server_heard_.closed[0].code, close_code::kAbnormal);
}

TEST_F(WebSocketOnLoopback, AnUpgradeIsRefusedWithStatusAndJsonBeforeItHappens) {
    test::RawTcpClient client(shard_, address_);
    std::string request(kUpgrade);
    request.replace(request.find("/echo"), 5, "/call/c1");
    client.send(request);
    const std::string answer = client.read_until("taken\"}");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 409 Conflict\r\n"));
    EXPECT_THAT(answer, EndsWith(R"({"error":"c1 is taken"})"));
    EXPECT_THAT(answer, testing::Not(HasSubstr("Sec-WebSocket-Accept")));
}

TEST_F(WebSocketOnLoopback, AClientLearnsStatusAndBodyOfARefusal) {
    std::optional<WebSocketRefusal> refusal;
    WebSocketConnect request;
    request.url = "ws://" + address_.to_string() + "/call/c1";
    const Operation operation = connect_web_socket(shard_, std::move(request),
                                                   [&](auto result) { refusal = result.error(); });
    ASSERT_TRUE(run_until([&] { return refusal.has_value(); }));
    EXPECT_EQ(refusal->error, (Error{Errc::Refused, "WebSocket handshake", 409}));
    ASSERT_TRUE(refusal->response);
    EXPECT_EQ(refusal->response->body, R"({"error":"c1 is taken"})");
}

TEST_F(WebSocketOnLoopback, AnUpgradeRouteWithoutUpgradeIs426) {
    test::RawTcpClient client(shard_, address_);
    client.send("GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(client.read_until("}"), StartsWith("HTTP/1.1 426 Upgrade Required\r\n"));
}

TEST_F(WebSocketOnLoopback, WhatWasReservedIsReleasedWhenTheHandshakeFails) {
    const auto reservation = std::make_shared<int>(1);
    server_->upgrade("/reserve", [&](const HttpRequest&) -> UpgradeDecision {
        return WebSocketOpen(
            [held = reservation](const WebSocket&) { ADD_FAILURE() << "no handshake"; });
    });
    test::RawTcpClient client(shard_, address_);
    std::string request(kUpgrade);
    request.replace(request.find("/echo"), 5, "/reserve");
    request.replace(request.find("Version: 13"), 11, "Version: 12");
    client.send(request);
    EXPECT_THAT(client.read_to_end(), StartsWith("HTTP/1.1 426 "));
    EXPECT_EQ(reservation.use_count(), 1);
}

TEST_F(WebSocketOnLoopback, BytesThatFollowAnUpgradeTooEagerlyAreRefused) {
    test::RawTcpClient client(shard_, address_);
    client.send(std::string(kUpgrade) + "\x81\x80\x01\x02\x03\x04");
    EXPECT_THAT(client.read_to_end(), StartsWith("HTTP/1.1 400 "));
}

TEST_F(WebSocketOnLoopback, AFrameThatAnnouncesMoreThanTheLimitIsClosedWith1009BeforeItComes) {
    test::RawTcpClient client(shard_, address_);
    client.send(kUpgrade);
    client.read_until("\r\n\r\n");
    // A masked text frame of 2^63 - 1 bytes (RFC 6455 5.2).
    client.send(std::string("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04", 14));
    const std::string& received = client.read_to_end();
    EXPECT_THAT(received, HasSubstr("\x88\x02\x03\xf1"));
    ASSERT_TRUE(run_until([&] { return !server_heard_.closed.empty(); }));
    EXPECT_EQ(server_heard_.closed[0].code, close_code::kTooBig);
}

TEST_F(WebSocketOnLoopback, AMessageThatGrowsPastTheLimitIsClosedWith1009) {
    WebSocket client = connect("/silent");
    Heard heard;
    client.start(heard.handlers());
    client.send_text(std::string(kWebSocketQueue, 'x'));  // exactly the limit
    ASSERT_TRUE(run_until([&] { return server_heard_.texts.size() == 1; }));
    EXPECT_EQ(server_heard_.texts[0].size(), kWebSocketMessage);
    test::RawTcpClient raw(shard_, address_);
    std::string request(kUpgrade);
    request.replace(request.find("/echo"), 5, "/silent");
    raw.send(request);
    raw.read_until("\r\n\r\n");
    // Unfinished fragments, masked with zeros: a first one, then continuations.
    const std::string fragment =
        std::string("\xfe\x80\x00\x00\x00\x00\x00", 7) + std::string(0x8000, 'x');
    for (int i = 0; i < 40 && !raw.closed(); ++i) {
        raw.send((i == 0 ? "\x01" : std::string(1, '\0')) + fragment);
        shard_.run_one();
    }
    EXPECT_THAT(raw.read_to_end(), HasSubstr("\x88\x02\x03\xf1"));
}

TEST_F(WebSocketOnLoopback, ASlowReaderIsClosedWith1013WhileAnotherIsServed) {
    test::RawTcpClient slow(shard_, address_);
    std::string request(kUpgrade);
    request.replace(request.find("/echo"), 5, "/silent");
    slow.send(request);
    ASSERT_TRUE(run_until([&] { return accepted_.size() == 1; }));
    WebSocket& towards_slow = accepted_.front();
    WebSocket quick = connect("/echo");
    Heard heard;
    quick.start(heard.handlers());
    std::size_t most_queued = 0;
    ASSERT_TRUE(run_until([&] {
        towards_slow.send_text(std::string(64 * 1024, 'e'));
        quick.send_text("still there?");
        most_queued = std::max(most_queued, towards_slow.statistics().queued_bytes);
        return !server_heard_.closed.empty();
    }));
    EXPECT_EQ(server_heard_.closed[0].code, close_code::kTryAgainLater);
    EXPECT_LE(most_queued, kWebSocketQueue);
    const std::size_t answered = heard.texts.size();
    quick.send_text("and now?");
    ASSERT_TRUE(run_until([&] { return heard.texts.size() > answered; }));
    // When it reads after all, it finds out why.
    EXPECT_THAT(slow.read_until("reader"), EndsWith("\x88\x13\x03\xf5too slow a reader"));
}

TEST_F(WebSocketOnLoopback, AudioForASlowReaderIsDroppedAndCountedAndTheSocketLivesOn) {
    test::RawTcpClient slow(shard_, address_);
    std::string request(kUpgrade);
    request.replace(request.find("/echo"), 5, "/silent");
    slow.send(request);
    ASSERT_TRUE(run_until([&] { return accepted_.size() == 1; }));
    WebSocket& towards_slow = accepted_.front();
    const std::string audio(64 * 1024, 'a');
    ASSERT_TRUE(run_until([&] {
        towards_slow.send_binary(as_bytes(audio));
        return towards_slow.statistics().dropped_binary > 10;
    }));
    EXPECT_TRUE(server_heard_.closed.empty());
    towards_slow.send_text("event");
    EXPECT_THAT(slow.read_until("event"), EndsWith("event"));
}

TEST_F(WebSocketOnLoopback, AReaderThatStopsAltogetherIsClosedWhenItsTimeIsOver) {
    HttpServerOptions options;
    options.web_socket_unread_time = Milliseconds{50};
    serve(options);
    test::RawTcpClient stopped(shard_, address_);
    std::string request(kUpgrade);
    request.replace(request.find("/echo"), 5, "/silent");
    stopped.send(request);
    ASSERT_TRUE(run_until([&] { return accepted_.size() == 1; }));
    ASSERT_TRUE(run_until([&] {
        if (accepted_.front().statistics().queued_bytes < kWebSocketQueue / 2) {
            accepted_.front().send_text(std::string(64 * 1024, 'e'));
        }
        return !server_heard_.closed.empty();
    }));
    EXPECT_EQ(server_heard_.closed[0].code, close_code::kTryAgainLater);
}

TEST_F(WebSocketOnLoopback, ASocketOutlivesTheServerThatAcceptedIt) {
    WebSocket client = connect("/echo");
    Heard heard;
    client.start(heard.handlers());
    server_.reset();
    client.send_text("still there?");
    ASSERT_TRUE(run_until([&] { return heard.texts.size() == 1; }));
}

TEST_F(WebSocketOnLoopback, AConnectThatNobodyAnswersTimesOut) {
    std::optional<Error> error;
    Shard deaf;  // accepts in the kernel only
    HttpServer server(deaf);
    WebSocketConnect request;
    request.url = "ws://" + server.listen(kAnyPort)->to_string() + "/";
    request.time = Milliseconds{30};
    const Operation operation = connect_web_socket(
        shard_, std::move(request), [&](auto result) { error = result.error().error; });
    ASSERT_TRUE(run_until([&] { return error.has_value(); }));
    EXPECT_EQ(error->code, Errc::Timeout);
}

TEST_F(WebSocketOnLoopback, AUrlThatIsNoWebSocketIsRefused) {
    std::optional<Error> error;
    WebSocketConnect request;
    request.url = "http://localhost/";
    const Operation operation = connect_web_socket(
        shard_, std::move(request), [&](auto result) { error = result.error().error; });
    EXPECT_FALSE(error) << "only from the loop";
    ASSERT_TRUE(run_until([&] { return error.has_value(); }));
    EXPECT_EQ(error->code, Errc::Unsupported);
}

}  // namespace
}  // namespace patchbay::net
