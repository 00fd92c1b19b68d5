// SPDX-License-Identifier: Apache-2.0
#include "app/server/server.hpp"

#include "api/messages/command_json.hpp"
#include "api/messages/event_json.hpp"
#include "net/http_client.hpp"
#include "net/web_socket.hpp"
#include "support/run_shard.hpp"
#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace patchbay::app {
namespace {

using testing::HasSubstr;

// The whole server in this process, on free ports of loopback, driven from outside by HTTP and
// WebSocket. Waits for conditions, never for times.
class ServerOnLoopback : public testing::Test {
  protected:
    void SetUp() override {
        config_.path.data = folder_.path();
        config_.http.listen = {{IpAddress::v4(127, 0, 0, 1), 0}};
        config_.sip.listen = {IpAddress::v4(127, 0, 0, 1)};
        config_.sip.port = 0;
        config_.shards = 2;
        auto started = Server::start(config_);
        ASSERT_TRUE(started) << started.error();
        server_ = std::move(*started);
        thread_ = std::jthread([this] { server_->run(); });
    }
    void TearDown() override {
        if (server_) {
            server_->stop();
        }
    }

    std::string http() const { return server_->http_addresses().at(0).to_string(); }
    std::string sip() const { return server_->sip_addresses().at(0).to_string(); }

    net::HttpResponse get(const std::string& target) {
        std::optional<Result<net::HttpResponse>> outcome;
        net::HttpFetch fetch;
        fetch.url = "http://" + http() + target;
        const net::Operation operation =
            net::fetch(shard_, std::move(fetch), [&](auto result) { outcome = std::move(result); });
        EXPECT_TRUE(test::run_until(shard_, [&] { return outcome.has_value(); }));
        return std::move(**outcome);
    }

    // Places a call to a built-in destination and hangs up when it is answered.
    std::vector<std::string> call(const std::string& id, const std::string& callee) {
        std::vector<std::string> events;
        std::optional<net::WebSocket> socket;
        bool closed = false;
        net::WebSocketConnect request;
        request.url = "ws://" + http() + "/call/sip?id=" + id;
        const net::Operation operation =
            net::connect_web_socket(shard_, std::move(request), [&](auto result) {
                ASSERT_TRUE(result);
                socket = std::move(*result);
                socket->start(
                    {.text =
                         [&](Instant, std::string_view text) {
                             events.emplace_back(text);
                             if (text.find(R"("event":"answer")") != std::string_view::npos) {
                                 socket->send_text(R"({"command":"hangup"})");
                             }
                         },
                     .binary = {},
                     .pong = {},
                     .closed = [&](Instant, const net::WebSocketClosed&) { closed = true; }});
                socket->send_text(R"({"command":"invite","option":{"callee":")" + callee +
                                  R"("}})");
            });
        EXPECT_TRUE(test::run_until(shard_, [&] { return closed; }));
        return events;
    }

    test::TemporaryFolder folder_;
    Config config_;
    std::unique_ptr<Server> server_;
    net::Shard shard_;
    std::jthread thread_;
};

TEST_F(ServerOnLoopback, HealthAndMetricsAreSummedOverTheShards) {
    EXPECT_THAT(get("/health").body, HasSubstr(R"({"status":"ok","version":")"));
    EXPECT_THAT(get("/health").body, HasSubstr(R"("shards":2})"));
    const net::HttpResponse metrics = get("/metrics");
    EXPECT_EQ(metrics.fields.find("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_THAT(metrics.body, HasSubstr("patchbay_calls 0\n"));
    EXPECT_THAT(metrics.body, HasSubstr("patchbay_shard_calls{shard=\"1\"} 0\n"));
}

TEST_F(ServerOnLoopback, ACallToABuiltInIsAnsweredCountedAndTraced) {
    const std::vector<std::string> events = call("s1", "sip:echo@" + sip());
    ASSERT_FALSE(events.empty());
    EXPECT_THAT(events.back(), HasSubstr(R"("event":"hangup")"));
    EXPECT_THAT(get("/metrics").body, HasSubstr("patchbay_calls_begun_total 1\n"));
    const net::HttpResponse trace = get("/call/trace/s1");
    EXPECT_EQ(trace.status, 200);
    EXPECT_THAT(trace.body, HasSubstr("INVITE sip:echo@"));
    EXPECT_EQ(get("/call/trace/unknown").status, 404);
}

TEST_F(ServerOnLoopback, ASecondServerOnTheSamePortsSaysWhichAndWhatToDo) {
    Config second = config_;
    second.sip.port = server_->sip_addresses().at(0).port;
    const auto started = Server::start(second);
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error(), HasSubstr("SIP cannot listen on " + sip()));
    EXPECT_THAT(started.error(), HasSubstr("--sip"));
}

TEST_F(ServerOnLoopback, ARequestOfAForeignPageIsRefused) {
    std::optional<tl::expected<net::WebSocket, net::WebSocketRefusal>> outcome;
    net::WebSocketConnect request;
    request.url = "ws://" + http() + "/call/sip";
    request.fields.add("Origin", "https://evil.example");
    const net::Operation operation = net::connect_web_socket(
        shard_, std::move(request), [&](auto result) { outcome = std::move(result); });
    ASSERT_TRUE(test::run_until(shard_, [&] { return outcome.has_value(); }));
    ASSERT_FALSE(*outcome);
    EXPECT_EQ(outcome->error().response->status, 403);
}

}  // namespace
}  // namespace patchbay::app
