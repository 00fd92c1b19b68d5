// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_connection.hpp"
#include "net/tcp_listener.hpp"
#include "support/run_shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::net {
namespace {

constexpr SocketAddress kAnyPort{IpAddress::v4(127, 0, 0, 1), 0};

class TcpOnLoopback : public testing::Test {
  protected:
    TcpListener listen(const TcpListenerOptions& options = {}) {
        return *TcpListener::open(shard_, kAnyPort, options, [this](TcpConnection connection) {
            accepted_.push_back(std::move(connection));
        });
    }

    TcpConnection connect(const SocketAddress& to) {
        std::optional<TcpConnection> connection;
        const Operation operation =
            connect_tcp(shard_, TcpConnect{to}, [&](Result<TcpConnection> result) {
                ASSERT_TRUE(result);
                connection = std::move(*result);
            });
        EXPECT_TRUE(test::run_until(shard_, [&] { return connection.has_value(); }));
        return std::move(*connection);
    }

    Shard shard_;
    std::list<TcpConnection> accepted_;
};

TEST_F(TcpOnLoopback, BytesComeBackInOrder) {
    const auto listener = listen();
    TcpConnection client = connect(listener.local());
    ASSERT_TRUE(test::run_until(shard_, [&] { return accepted_.size() == 1; }));
    TcpConnection& server = accepted_.front();
    EXPECT_EQ(server.remote(), client.local());
    EXPECT_EQ(client.remote(), listener.local());
    server.start(
        {[&](Instant, ByteView bytes) { EXPECT_TRUE(server.send(std::string(as_text(bytes)))); },
         {}});
    std::string received;
    client.start({[&](Instant, ByteView bytes) { received += as_text(bytes); }, {}});
    std::string sent;
    for (int i = 0; i < 200; ++i) {
        const std::string line = std::to_string(i) + std::string(1000, '.') + "\n";
        sent += line;
        ASSERT_TRUE(client.send(line));
    }
    ASSERT_TRUE(test::run_until(shard_, [&] { return received.size() >= sent.size(); }));
    EXPECT_EQ(received, sent);
}

TEST_F(TcpOnLoopback, CloseWritesWhatIsQueuedAndThePeerHearsOfItOnce) {
    const auto listener = listen();
    TcpConnection client = connect(listener.local());
    ASSERT_TRUE(test::run_until(shard_, [&] { return accepted_.size() == 1; }));
    const std::string last_words(500'000, 'x');
    ASSERT_TRUE(accepted_.front().send(last_words));
    accepted_.front().close();
    std::size_t received = 0;
    std::vector<Error> closed;
    client.start({[&](Instant, ByteView bytes) { received += bytes.size(); },
                  [&](const Error& reason) { closed.push_back(reason); }});
    ASSERT_TRUE(test::run_until(shard_, [&] { return !closed.empty(); }));
    EXPECT_EQ(received, last_words.size());
    EXPECT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0].code, Errc::Closed);
    EXPECT_EQ(client.send("x").error().code, Errc::Closed);
    EXPECT_EQ(listener.connections(), 0U);
}

TEST_F(TcpOnLoopback, AHandlerMayDestroyItsConnection) {
    const auto listener = listen();
    std::optional<TcpConnection> client = connect(listener.local());
    ASSERT_TRUE(test::run_until(shard_, [&] { return accepted_.size() == 1; }));
    client->start({[&](Instant, ByteView) { client.reset(); },
                   [](const Error&) { ADD_FAILURE() << "destroyed"; }});
    ASSERT_TRUE(accepted_.front().send("x"));
    ASSERT_TRUE(test::run_until(shard_, [&] { return !client; }));
}

TEST_F(TcpOnLoopback, APeerThatDoesNotReadCostsItsConnectionAndBoundedMemory) {
    const auto listener = listen();
    const TcpConnection client = connect(listener.local());  // never started: never reads
    ASSERT_TRUE(test::run_until(shard_, [&] { return accepted_.size() == 1; }));
    std::optional<Error> closed;
    accepted_.front().start(
        {[](Instant, ByteView) {}, [&](const Error& reason) { closed = reason; }});
    Result<void> sent;
    for (int i = 0; i < 1000 && sent; ++i) {
        sent = accepted_.front().send(std::string(64 * 1024, 'x'));
        shard_.run_one();
    }
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Errc::TooLarge);
    ASSERT_TRUE(test::run_until(shard_, [&] { return closed.has_value(); }));
    EXPECT_EQ(closed->code, Errc::TooLarge);
}

TEST_F(TcpOnLoopback, AFloodOfHalfOpenConnectionsIsBoundedAndItsPlacesComeBack) {
    TcpListenerOptions options;
    options.limits = {8, 4};
    options.time_to_first_byte = Milliseconds{50};
    int timed_out = 0;
    const auto listener =
        *TcpListener::open(shard_, kAnyPort, options, [&](TcpConnection connection) {
            accepted_.push_back(std::move(connection));
            accepted_.back().start({[](Instant, ByteView) {},
                                    [&](const Error& reason) {
                                        EXPECT_EQ(reason.code, Errc::Timeout);
                                        ++timed_out;
                                    }});
        });
    std::vector<TcpConnection> flood;
    for (int i = 0; i < 20; ++i) {
        flood.push_back(connect(listener.local()));
    }
    ASSERT_TRUE(test::run_until(shard_, [&] { return timed_out > 0 && accepted_.size() >= 4; }));
    EXPECT_GT(listener.refused(), 0U);
    ASSERT_TRUE(test::run_until(shard_, [&] { return listener.connections() == 0; }));
}

TEST_F(TcpOnLoopback, AConnectionThatFallsSilentIsClosedWhenItsIdleTimeIsOver) {
    TcpListenerOptions options;
    options.idle_time = Milliseconds{30};
    const auto listener = listen(options);
    TcpConnection client = connect(listener.local());
    ASSERT_TRUE(test::run_until(shard_, [&] { return accepted_.size() == 1; }));
    std::optional<Error> closed;
    Instant heard;
    Instant ended;
    accepted_.front().start({[&](Instant now, ByteView) { heard = now; },
                             [&](const Error& reason) {
                                 closed = reason;
                                 ended = shard_.now();
                             }});
    ASSERT_TRUE(client.send("x"));
    ASSERT_TRUE(test::run_until(shard_, [&] { return closed.has_value(); }));
    EXPECT_EQ(closed->code, Errc::Timeout);
    EXPECT_GE(ended - heard, options.idle_time);
}

TEST_F(TcpOnLoopback, AConnectionThatNobodyTakesIsRefused) {
    SocketAddress nobody;
    {
        const auto closed = listen();
        nobody = closed.local();
    }
    std::optional<Error> error;
    const Operation operation = connect_tcp(
        shard_, TcpConnect{nobody}, [&](Result<TcpConnection> result) { error = result.error(); });
    ASSERT_TRUE(test::run_until(shard_, [&] { return error.has_value(); }));
    EXPECT_EQ(error->code, Errc::Refused);
}

TEST_F(TcpOnLoopback, ACanceledConnectSaysNothing) {
    const auto listener = listen();
    Operation operation = connect_tcp(shard_, TcpConnect{listener.local()},
                                      [](Result<TcpConnection>) { ADD_FAILURE() << "canceled"; });
    operation.cancel();
    const Instant end = shard_.now() + Milliseconds{20};
    ASSERT_TRUE(test::run_until(shard_, [&] { return shard_.now() >= end; }));
}

TEST_F(TcpOnLoopback, AnAddressThatIsTakenIsAnErrorWithItsErrno) {
    const auto listener = listen();
    const auto second =
        TcpListener::open(shard_, listener.local(), {}, [](const TcpConnection&) {});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), (Error{Errc::System, "TCP listen", EADDRINUSE}));
}

TEST(ConnectionCaps, OneSourceMayNotTakeAllPlaces) {
    ConnectionCaps caps({3, 2});
    const auto greedy = IpAddress::v4(192, 0, 2, 1);
    const auto other = IpAddress::v4(192, 0, 2, 2);
    EXPECT_TRUE(caps.enter(greedy));
    EXPECT_TRUE(caps.enter(greedy));
    EXPECT_FALSE(caps.enter(greedy));
    EXPECT_TRUE(caps.enter(other));
    EXPECT_FALSE(caps.enter(IpAddress::v4(192, 0, 2, 3)));
    caps.leave(greedy);
    EXPECT_TRUE(caps.enter(greedy));
    EXPECT_EQ(caps.refused(), 2U);
    EXPECT_EQ(caps.open(), 3U);
}

}  // namespace
}  // namespace patchbay::net
