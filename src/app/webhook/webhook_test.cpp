// SPDX-License-Identifier: Apache-2.0
#include "app/webhook/webhook.hpp"

#include "api/messages/incoming_notice.hpp"
#include "net/http_server.hpp"
#include "support/run_shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

// An application's server on loopback, which answers with a list of statuses, and at the end with
// the last of them.
class WebhookOnLoopback : public testing::Test {
  protected:
    void SetUp() override {
        server_ = std::make_unique<net::HttpServer>(shard_);
        server_->route(net::HttpMethod::Post, "/in",
                       [this](net::HttpRequest request, net::Responder responder) {
                           const int status =
                               statuses_.at(std::min(requests_.size(), statuses_.size() - 1));
                           requests_.push_back(std::move(request));
                           responder.send(net::HttpResponse::text(status, "not JSON {"));
                       });
        const auto address = server_->listen({IpAddress::v4(127, 0, 0, 1), 0}).value();
        config_.urls = {"http://" + address.to_string() + "/in"};
    }

    Webhook& webhook() {
        if (!webhook_) {
            webhook_.emplace(shard_, config_, net::read_wall_anchor(),
                             [this](call::SessionKey session) { missing_.push_back(session); });
        }
        return *webhook_;
    }
    void notify(std::uint64_t key = 1) {
        webhook().notify({.session = call::SessionKey(key),
                          .id = call::SessionId("call@host-tag"),
                          .handler = {},
                          .created_at = {1'640'995'200'000},
                          .caller = "sip:alice@example.com",
                          .callee = "sip:sales@example.com",
                          .headers = {"X-Line: 7"},
                          .offer = "v=0\r\n"});
    }
    template <class Condition>
    bool run_until(Condition&& condition) {
        return test::run_until(shard_, condition);
    }

    net::Shard shard_;
    std::unique_ptr<net::HttpServer> server_;
    std::vector<int> statuses_ = {200};
    std::vector<net::HttpRequest> requests_;
    HandlerConfig config_;
    std::optional<Webhook> webhook_;
    std::vector<call::SessionKey> missing_;
};

TEST_F(WebhookOnLoopback, TellsTheApplicationWhoCalls) {
    config_.headers.emplace_back("X-Key", Secret<std::string>("k"));
    notify();
    ASSERT_TRUE(run_until([&] { return webhook().counters().taken == 1; }));
    ASSERT_THAT(requests_, SizeIs(1));
    EXPECT_EQ(requests_[0].header("X-Key"), "k");
    EXPECT_EQ(requests_[0].header("Content-Type"), "application/json");
    EXPECT_EQ(requests_[0].body,
              R"({"dialogId":"call@host-tag","createdAt":"2022-01-01T00:00:00Z",)"
              R"("caller":"sip:alice@example.com","callee":"sip:sales@example.com",)"
              R"("event":"invite","headers":["X-Line: 7"],"offer":"v=0\r\n"})");
    EXPECT_THAT(missing_, IsEmpty());
}

TEST_F(WebhookOnLoopback, UsesOneConnectionForCallAfterCall) {
    for (std::uint64_t call = 1; call <= 5; ++call) {
        notify(call);
        ASSERT_TRUE(run_until([&] { return webhook().counters().taken == call; }));
    }
    EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(WebhookOnLoopback, AsksAgainWhenTheServerFails) {
    statuses_ = {500, 503, 200};
    notify();
    ASSERT_TRUE(run_until([&] { return webhook().counters().taken == 1; }));
    EXPECT_THAT(requests_, SizeIs(3));
    EXPECT_EQ(requests_[0].body, requests_[2].body);
}

TEST_F(WebhookOnLoopback, ARefusalIsFinal) {
    statuses_ = {404};
    notify();
    ASSERT_TRUE(run_until([&] { return !missing_.empty(); }));
    EXPECT_THAT(requests_, SizeIs(1));
    EXPECT_THAT(missing_, ElementsAre(call::SessionKey(1)));
}

TEST_F(WebhookOnLoopback, GoesOnToTheNextUrlWhenNobodyListens) {
    config_.urls.insert(config_.urls.begin(), "http://127.0.0.1:1/in");
    notify();
    ASSERT_TRUE(run_until([&] { return webhook().counters().taken == 1; }));
    EXPECT_THAT(requests_, SizeIs(1));
}

TEST_F(WebhookOnLoopback, SaysWhenNobodyCouldBeTold) {
    config_.urls = {"http://127.0.0.1:1/in"};
    config_.attempts = 2;
    notify();
    ASSERT_TRUE(run_until([&] { return !missing_.empty(); }));
    EXPECT_EQ(webhook().counters().requests, 2U);
}

TEST_F(WebhookOnLoopback, SaysNothingOfACallThatIsOver) {
    config_.urls = {"http://127.0.0.1:1/in"};
    notify(1);
    notify(2);
    webhook().forget(call::SessionKey(1));
    ASSERT_TRUE(run_until([&] { return !missing_.empty(); }));
    EXPECT_THAT(missing_, ElementsAre(call::SessionKey(2)));
}

TEST_F(WebhookOnLoopback, SignsTheBodyAndTheTime) {
    config_.secret = Secret<std::string>("secret");
    notify();
    ASSERT_TRUE(run_until([&] { return webhook().counters().taken == 1; }));
    const std::string signature(requests_[0].header("X-Patchbay-Signature").value_or(""));
    ASSERT_THAT(signature, StartsWith("t="));
    const auto seconds = std::stoll(signature.substr(2));
    EXPECT_EQ(signature, webhook_signature("secret", {seconds * 1000}, requests_[0].body));
}

TEST(WebhookSignature, IsHmacSha256OverTimeAndBody) {
    // printf '1640995200.{}' | openssl dgst -sha256 -hmac key
    EXPECT_EQ(webhook_signature("key", {1'640'995'200'999}, "{}"),
              "t=1640995200,v1=11f496c02b78485ce17a3a262dd3274e0ace50a12c3456612bf12fc4d303cdfe");
}

}  // namespace
}  // namespace patchbay::app
