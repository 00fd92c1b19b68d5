// SPDX-License-Identifier: Apache-2.0
// TLS over sockets: TcpListener, TcpConnection, HttpServer.
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "net/tcp_connection.hpp"
#include "net/tcp_listener.hpp"
#include "support/raw_tcp_client.hpp"
#include "support/run_shard.hpp"
#include "support/test_certificates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>

namespace patchbay::net {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr SocketAddress kAnyPort{IpAddress::v4(127, 0, 0, 1), 0};

class TlsOnLoopback : public testing::Test {
  protected:
    TlsContext server_context(const std::string& names = "DNS:example.com") {
        const auto files = certificates_.issue("server", names);
        TlsServerOptions options;
        options.identities = {{files.certificate, files.key}};
        return TlsContext::for_server(options).value();
    }
    TcpConnect::Tls client_tls(const std::string& peer = "example.com") {
        TlsClientOptions options;
        options.authorities_file = certificates_.authority_file();
        return {TlsContext::for_client(options).value(), {peer}};
    }
    TcpListener listen(TcpListenerOptions options = {}) {
        if (!options.tls) {
            options.tls = server_context();
        }
        return *TcpListener::open(shard_, kAnyPort, options, [this](TcpConnection connection) {
            accepted_.push_back(std::move(connection));
            accepted_.back().start({[this](Instant, ByteView bytes) { heard_ += as_text(bytes); },
                                    [this](const Error& reason) { closed_ = reason; }});
        });
    }
    Result<TcpConnection> connect(const SocketAddress& to, const TcpConnect::Tls& tls) {
        std::optional<Result<TcpConnection>> outcome;
        TcpConnect request{to};
        request.tls = tls;
        const Operation operation = connect_tcp(shard_, request, [&](Result<TcpConnection> result) {
            outcome.emplace(std::move(result));
        });
        EXPECT_TRUE(test::run_until(shard_, [&] { return outcome.has_value(); }));
        return std::move(*outcome);
    }

    Shard shard_;
    test::TestCertificates certificates_;
    std::list<TcpConnection> accepted_;
    std::string heard_;
    std::optional<Error> closed_;
};

TEST_F(TlsOnLoopback, BytesComeBackInOrder) {
    const auto listener = listen();
    auto client = connect(listener.local(), client_tls());
    ASSERT_TRUE(client);
    std::string received;
    client->start({[&](Instant, ByteView bytes) { received += as_text(bytes); }, {}});
    std::string sent;
    for (int i = 0; i < 100; ++i) {
        const std::string line = std::to_string(i) + std::string(1000, '.') + "\n";
        sent += line;
        ASSERT_TRUE(client->send(line));
    }
    ASSERT_TRUE(test::run_until(shard_, [&] { return heard_.size() >= sent.size(); }));
    EXPECT_EQ(heard_, sent);
    ASSERT_TRUE(accepted_.front().send(sent));
    ASSERT_TRUE(test::run_until(shard_, [&] { return received.size() >= sent.size(); }));
    EXPECT_EQ(received, sent);
}

TEST_F(TlsOnLoopback, WhatTheServerSaysFirstIsNotLostBehindTheHandshake) {
    TcpListenerOptions options;
    options.tls = server_context();
    const auto listener =
        *TcpListener::open(shard_, kAnyPort, options, [this](TcpConnection connection) {
            accepted_.push_back(std::move(connection));
            ASSERT_TRUE(accepted_.back().send("hello"));
            accepted_.back().start({[](Instant, ByteView) {}, {}});
        });
    auto client = connect(listener.local(), client_tls());
    ASSERT_TRUE(client);
    for (int i = 0; i < 20; ++i) {
        shard_.run_one();  // the bytes are there before anybody reads them
    }
    std::string received;
    client->start({[&](Instant, ByteView bytes) { received += as_text(bytes); }, {}});
    EXPECT_TRUE(test::run_until(shard_, [&] { return received == "hello"; }));
}

TEST_F(TlsOnLoopback, CloseWritesWhatIsQueued) {
    const auto listener = listen();
    auto client = connect(listener.local(), client_tls());
    ASSERT_TRUE(client);
    // What the client has not read when it closes would reset the connection.
    std::string received;
    client->start({[&](Instant, ByteView bytes) { received += as_text(bytes); }, {}});
    ASSERT_TRUE(test::run_until(shard_, [&] { return accepted_.size() == 1; }));
    ASSERT_TRUE(accepted_.front().send("go"));
    ASSERT_TRUE(test::run_until(shard_, [&] { return received == "go"; }));
    const std::string last_words(300'000, 'x');
    ASSERT_TRUE(client->send(last_words));
    client->close();
    ASSERT_TRUE(test::run_until(shard_, [&] { return closed_.has_value(); }));
    EXPECT_EQ(heard_.size(), last_words.size());
    EXPECT_EQ(closed_->code, Errc::Closed);
}

TEST_F(TlsOnLoopback, AServerOfAnotherNameIsRefused) {
    const auto listener = listen();
    const auto client = connect(listener.local(), client_tls("example.net"));
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, Errc::Refused);
    EXPECT_EQ(client.error().where, "TLS handshake");
}

TEST_F(TlsOnLoopback, AServerWithoutTlsIsRefused) {
    std::list<TcpConnection> plain;
    const auto listener = *TcpListener::open(shard_, kAnyPort, {}, [&](TcpConnection connection) {
        plain.push_back(std::move(connection));
        plain.back().start(
            {[&](Instant, ByteView) { (void)plain.back().send("SIP/2.0 400 Bad Request\r\n\r\n"); },
             {}});
    });
    const auto client = connect(listener.local(), client_tls());
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, Errc::Refused);
}

TEST_F(TlsOnLoopback, AClientThatDoesNotFinishTheHandshakeIsCutOff) {
    TcpListenerOptions options;
    options.tls = server_context();
    options.time_to_first_byte = Milliseconds{50};
    const auto listener = listen(options);
    test::RawTcpClient client(shard_, listener.local());
    client.start_reading();
    client.send("\x16\x03\x01");  // a record that never ends
    ASSERT_TRUE(test::run_until(shard_, [&] { return client.closed(); }));
    EXPECT_EQ(closed_->code, Errc::Timeout);
    EXPECT_EQ(listener.connections(), 0U);
}

TEST_F(TlsOnLoopback, ANewCertificateIsForNewConnectionsAndOldOnesLiveOn) {
    auto listener = listen();
    auto before = connect(listener.local(), client_tls("example.com"));
    ASSERT_TRUE(before);
    listener.use_tls(server_context("DNS:example.net"));
    EXPECT_FALSE(connect(listener.local(), client_tls("example.com")));
    auto after = connect(listener.local(), client_tls("example.net"));
    EXPECT_TRUE(after);
    ASSERT_TRUE(before->send("still here"));
    EXPECT_TRUE(test::run_until(shard_, [&] { return heard_ == "still here"; }));
}

TEST_F(TlsOnLoopback, AConnectThatIsCanceledInTheHandshakeIsSilent) {
    std::list<TcpConnection> plain;
    const auto listener = *TcpListener::open(shard_, kAnyPort, {}, [&](TcpConnection connection) {
        plain.push_back(std::move(connection));
    });
    TcpConnect request{listener.local()};
    request.tls = client_tls();
    Operation operation =
        connect_tcp(shard_, request, [](Result<TcpConnection>) { ADD_FAILURE() << "canceled"; });
    ASSERT_TRUE(test::run_until(shard_, [&] { return plain.size() == 1; }));
    for (int i = 0; i < 5; ++i) {
        shard_.run_one();
    }
    operation.cancel();
    for (int i = 0; i < 5; ++i) {
        shard_.run_one();
    }
}

TEST_F(TlsOnLoopback, HttpIsServedOverTls) {
    HttpServer server(shard_);
    server.route(HttpMethod::Get, "/secure", [](const HttpRequest& request, Responder responder) {
        responder.send(HttpResponse::text(200, request.secure ? "yes" : "no"));
    });
    server.use_tls(server_context());
    const auto address = server.listen_tls(kAnyPort);
    ASSERT_TRUE(address);
    auto client = connect(*address, client_tls());
    ASSERT_TRUE(client);
    std::string received;
    bool closed = false;
    client->start({[&](Instant, ByteView bytes) { received += as_text(bytes); },
                   [&](const Error&) { closed = true; }});
    ASSERT_TRUE(client->send("GET /secure HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    ASSERT_TRUE(test::run_until(shard_, [&] { return closed; }));
    EXPECT_THAT(received, HasSubstr("200 OK"));
    EXPECT_THAT(received, HasSubstr("\r\n\r\nyes"));
}

// A server's context that remembers which threads made its handshakes.
class WatchedContext {
  public:
    explicit WatchedContext(TlsContext watched) : context(std::move(watched)) {
        threads_.clear();
        SSL_CTX_set_info_callback(context.native(), [](const SSL*, int where, int) {
            if ((where & SSL_CB_LOOP) != 0) {
                const std::lock_guard lock(mutex_);
                threads_.insert(std::this_thread::get_id());
            }
        });
    }
    static std::set<std::thread::id> threads() {
        const std::lock_guard lock(mutex_);
        return threads_;
    }

    TlsContext context;

  private:
    static inline std::mutex mutex_;
    static inline std::set<std::thread::id> threads_;
};

TEST_F(TlsOnLoopback, HandshakesAreComputedBesideTheShard) {
    const WatchedContext watched(server_context());
    TcpListenerOptions options;
    options.tls = watched.context;
    const auto listener = listen(options);
    ASSERT_TRUE(connect(listener.local(), client_tls()));
    EXPECT_THAT(WatchedContext::threads(), SizeIs(1));
    EXPECT_THAT(WatchedContext::threads(), Not(Contains(std::this_thread::get_id())));
}

TEST_F(TlsOnLoopback, HandshakesOfHttpAreComputedBesideTheShard) {
    const WatchedContext watched(server_context());
    HttpServer server(shard_);
    server.use_tls(watched.context);
    const auto address = server.listen_tls(kAnyPort);
    ASSERT_TRUE(address);
    ASSERT_TRUE(connect(*address, client_tls()));
    EXPECT_THAT(WatchedContext::threads(), SizeIs(1));
    EXPECT_THAT(WatchedContext::threads(), Not(Contains(std::this_thread::get_id())));
}

TEST_F(TlsOnLoopback, AnHttpRequestInOneSegmentWithTheEndOfTheHandshakeIsServed) {
    HttpServer server(shard_);
    server.route(HttpMethod::Get, "/", [](const HttpRequest&, Responder responder) {
        responder.send(HttpResponse::text(200, "here"));
    });
    server.use_tls(server_context());
    const auto address = server.listen_tls(kAnyPort);
    ASSERT_TRUE(address);
    const TcpConnect::Tls tls = client_tls();
    TlsEngine engine = TlsEngine::client(tls.context, tls.peer);
    // Waits for the end of the handshake.
    ASSERT_TRUE(engine.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    test::RawTcpClient client(shard_, *address);
    client.start_reading();
    std::size_t fed = 0;
    std::string answer;
    ASSERT_TRUE(test::run_until(shard_, [&] {
        const bool closed = client.closed();
        const std::string& all = client.received();
        engine.feed(as_bytes(std::string_view(all).substr(std::exchange(fed, all.size()))));
        std::array<std::uint8_t, 4096> space{};
        const std::size_t count = engine.read(space).value_or(0);
        answer.append(space.begin(), space.begin() + static_cast<std::ptrdiff_t>(count));
        if (std::string bytes = engine.take(); !bytes.empty()) {
            client.send(bytes);
        }
        return closed;
    }));
    EXPECT_THAT(answer, HasSubstr("\r\n\r\nhere"));
}

TEST_F(TlsOnLoopback, AConnectionGivenUpDuringItsHandshakeIsForgotten) {
    auto listener = std::make_unique<TcpListener>(listen());
    for (int i = 0; i < 20; ++i) {
        const TcpConnect::Tls tls = client_tls();
        test::RawTcpClient client(shard_, listener->local());
        client.send(TlsEngine::client(tls.context, tls.peer).take());
        for (int turn = 0; turn < i; ++turn) {
            shard_.run_one();
        }
        accepted_.clear();
    }
    EXPECT_TRUE(test::run_until(shard_, [&] { return listener->connections() == 0; }));
}

TEST_F(TlsOnLoopback, HttpWithoutTlsOnATlsPortGetsNoAnswer) {
    HttpServer server(shard_);
    server.use_tls(server_context());
    const auto address = server.listen_tls(kAnyPort);
    ASSERT_TRUE(address);
    test::RawTcpClient client(shard_, *address);
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.read_to_end(), Not(HasSubstr("HTTP/1.1")));
}

}  // namespace
}  // namespace patchbay::net
