// SPDX-License-Identifier: Apache-2.0
#include "net/http_pool.hpp"

#include "base/bytes.hpp"
#include "net/http_download.hpp"
#include "net/http_server.hpp"
#include "support/run_shard.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::net {
namespace {

constexpr SocketAddress kAnyPort{IpAddress::v4(127, 0, 0, 1), 0};

class HttpPoolOnLoopback : public testing::Test {
  protected:
    void SetUp() override { serve(kAnyPort); }

    void serve(const SocketAddress& address) {
        server_ = std::make_unique<HttpServer>(shard_);
        server_->route(HttpMethod::Post, "/echo", [](HttpRequest request, Responder responder) {
            responder.send(HttpResponse::text(200, std::move(request.body)));
        });
        server_->route(HttpMethod::Post, "/refuse", [](const HttpRequest&, Responder responder) {
            responder.send(HttpResponse::text(429, "too many"));
        });
        server_->route(HttpMethod::Post, "/never", [this](const HttpRequest&, Responder responder) {
            kept_.push_back(std::move(responder));
        });
        address_ = server_->listen(address).value();
    }

    Operation send(std::string target, std::string body = {}, Milliseconds time = Seconds(5)) {
        HttpFetch request;
        request.method = HttpMethod::Post;
        request.url = "http://" + address_.to_string() + target;
        request.time = time;
        request.body = std::move(body);
        return pool_->send(std::move(request), [this](Result<HttpResponse> result) {
            results_.push_back(std::move(result));
        });
    }
    Result<HttpResponse> send_now(std::string target,
                                  std::string body = {},
                                  Milliseconds time = Seconds(5)) {
        const std::size_t before = results_.size();
        const Operation operation = send(std::move(target), std::move(body), time);
        EXPECT_TRUE(test::run_until(shard_, [&] { return results_.size() > before; }));
        return results_.back();
    }

    // All of what came, or why nothing did.
    Result<std::string> download_now(std::string target, std::string body, bool admitted = true) {
        HttpDownload request;
        request.method = HttpMethod::Post;
        request.url = "http://" + address_.to_string() + target;
        request.body = std::move(body);
        request.admit = [admitted](const SocketAddress&) { return admitted; };
        std::string text;
        std::optional<Result<void>> done;
        const Operation operation = pool_->download(
            std::move(request), {.head = [](const HttpResponse&) { return Result<void>(); },
                                 .piece = [&](ByteView piece) { text += as_text(piece); },
                                 .done = [&](const Result<void>& result) { done = result; }});
        EXPECT_TRUE(test::run_until(shard_, [&] { return done.has_value(); }));
        return done->map([&] { return text; });
    }

    Shard shard_;
    std::vector<Responder> kept_;
    std::unique_ptr<HttpServer> server_;
    SocketAddress address_;
    std::optional<HttpPool> pool_{std::in_place, shard_};
    std::vector<Result<HttpResponse>> results_;
};

TEST_F(HttpPoolOnLoopback, RequestsOneAfterTheOtherShareAConnection) {
    for (const std::string body : {"one", "two", "three"}) {
        const auto response = send_now("/echo", body);
        ASSERT_TRUE(response);
        EXPECT_EQ(response->body, body);
    }
    EXPECT_EQ(pool_->statistics().requests, 3U);
    EXPECT_EQ(pool_->statistics().connections, 1U);
}

TEST_F(HttpPoolOnLoopback, RequestsAtOnceHaveAConnectionEach) {
    std::vector<Operation> operations;
    for (int i = 0; i < 3; ++i) {
        operations.push_back(send("/echo", std::to_string(i)));
    }
    EXPECT_TRUE(test::run_until(shard_, [&] { return results_.size() == 3; }));
    EXPECT_EQ(pool_->statistics().connections, 3U);
    EXPECT_TRUE(send_now("/echo", "again"));
    EXPECT_EQ(pool_->statistics().connections, 3U);
}

TEST_F(HttpPoolOnLoopback, AConnectionThatTheServerClosedIsReplaced) {
    ASSERT_TRUE(send_now("/echo", "before"));
    const SocketAddress same = address_;
    server_.reset();
    serve(same);
    const auto response = send_now("/echo", "after");
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "after");
    EXPECT_EQ(pool_->statistics().connections, 2U);
}

TEST_F(HttpPoolOnLoopback, AServerThatDoesNotAnswerIsATimeout) {
    const auto response = send_now("/never", "", Milliseconds(50));
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Errc::Timeout);
}

TEST_F(HttpPoolOnLoopback, WhatIsNoWebAddressIsRefused) {
    HttpFetch request;
    request.url = "ftp://127.0.0.1/";
    const Operation operation = pool_->send(std::move(request), [this](Result<HttpResponse> one) {
        results_.push_back(std::move(one));
    });
    EXPECT_TRUE(test::run_until(shard_, [&] { return !results_.empty(); }));
    EXPECT_FALSE(results_.front());
}

TEST_F(HttpPoolOnLoopback, ACanceledRequestSaysNothingAnyMore) {
    {
        const Operation operation = send("/never");
    }
    ASSERT_TRUE(send_now("/echo", "x"));
    EXPECT_EQ(results_.size(), 1U);
}

TEST_F(HttpPoolOnLoopback, ThePoolMayGoBeforeItsRequests) {
    const Operation operation = send("/echo", "late");
    pool_.reset();
    EXPECT_TRUE(test::run_until(shard_, [&] { return results_.size() == 1; }));
    EXPECT_TRUE(results_.front());
}

TEST_F(HttpPoolOnLoopback, DownloadsShareConnectionsTooAlsoAfterARefusal) {
    EXPECT_EQ(download_now("/echo", "one"), "one");
    EXPECT_EQ(download_now("/refuse", "two"), "too many");
    EXPECT_EQ(download_now("/echo", "three"), "three");
    EXPECT_TRUE(send_now("/echo", "four"));
    EXPECT_EQ(pool_->statistics().requests, 4U);
    EXPECT_EQ(pool_->statistics().connections, 1U);
}

TEST_F(HttpPoolOnLoopback, ADownloadOnAConnectionThatTheServerClosedIsBegunAgain) {
    ASSERT_TRUE(download_now("/echo", "before"));
    const SocketAddress same = address_;
    server_.reset();
    serve(same);
    EXPECT_EQ(download_now("/echo", "after"), "after");
}

TEST_F(HttpPoolOnLoopback, WhoMayNotConnectThereGetsNoConnectionOfOthers) {
    ASSERT_TRUE(download_now("/echo", "allowed"));
    const auto refused = download_now("/echo", "not allowed", false);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::Forbidden);
    EXPECT_EQ(download_now("/echo", "allowed"), "allowed");
    EXPECT_EQ(pool_->statistics().connections, 2U);  // the second one was only tried
}

}  // namespace
}  // namespace patchbay::net
