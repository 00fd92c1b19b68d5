// SPDX-License-Identifier: Apache-2.0
#include "net/cross_origin.hpp"

#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "support/run_shard.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

namespace patchbay::net {
namespace {

constexpr SocketAddress kAnyPort{IpAddress::v4(127, 0, 0, 1), 0};
constexpr const char* kListed = "https://console.example";
constexpr const char* kForeign = "https://evil.example";

class CrossOriginOnLoopback : public testing::Test {
  protected:
    void SetUp() override {
        server_.admission([](const HttpRequest& request) -> std::optional<HttpResponse> {
            if (request.header("Authorization")) {
                return std::nullopt;
            }
            return HttpResponse::error(401, "a token is needed");
        });
        const auto answer = [](const HttpRequest&, Responder responder) {
            responder.send(HttpResponse::text(200, "done"));
        };
        server_.route(HttpMethod::Get, "/thing", answer);
        server_.route(HttpMethod::Post, "/thing", answer);
        server_.route(HttpMethod::Get, "/stream", [](const HttpRequest&, Responder responder) {
            responder.stream(HttpResponse::text(200, "")).finish();
        });
        url_ = "http://" + server_.listen(kAnyPort).value().to_string();
    }

    HttpFetch request(HttpMethod method, const char* path, const char* origin) {
        HttpFetch out;
        out.method = method;
        out.url = url_ + path;
        out.fields.add("Origin", origin);
        return out;
    }
    HttpResponse get(const char* path, const char* origin, bool authorized = true) {
        auto asked = request(HttpMethod::Get, path, origin);
        if (authorized) {
            asked.fields.add("Authorization", "Bearer x");
        }
        return send(std::move(asked));
    }
    HttpResponse send(HttpFetch request) {
        std::optional<Result<HttpResponse>> outcome;
        const Operation operation =
            fetch(shard_, std::move(request),
                  [&](Result<HttpResponse> result) { outcome = std::move(result); });
        EXPECT_TRUE(test::run_until(shard_, [&] { return outcome.has_value(); }));
        return outcome->value();
    }
    HttpResponse preflight(const char* origin) {
        auto asked = request(HttpMethod::Options, "/thing", origin);
        asked.fields.add("Access-Control-Request-Method", "POST");
        asked.fields.add("Access-Control-Request-Headers", "authorization");
        return send(std::move(asked));
    }

    Shard shard_;
    HttpServer server_{shard_, {.shared_origins = {kListed}}};
    std::string url_;
};

TEST_F(CrossOriginOnLoopback, AListedPageIsToldThatItMaySend) {
    const auto response = preflight(kListed);
    EXPECT_EQ(response.status, 204);
    EXPECT_EQ(response.fields.find("Access-Control-Allow-Origin"), kListed);
    EXPECT_EQ(response.fields.find("Access-Control-Allow-Methods"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(response.fields.find("Access-Control-Allow-Headers"),
              "Authorization, Content-Type, Range");
    EXPECT_EQ(response.fields.find("Vary"), "Origin");
}

TEST_F(CrossOriginOnLoopback, AListedPageMayReadAnswersAndRefusals) {
    for (const char* path : {"/thing", "/stream"}) {
        const auto response = get(path, kListed);
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.fields.find("Access-Control-Allow-Origin"), kListed) << path;
    }
    const auto refusal = get("/thing", kListed, false);
    EXPECT_EQ(refusal.status, 401);
    EXPECT_EQ(refusal.fields.find("Access-Control-Allow-Origin"), kListed);
}

TEST_F(CrossOriginOnLoopback, AForeignPageIsToldNothing) {
    EXPECT_EQ(preflight(kForeign).status, 401);
    EXPECT_FALSE(preflight(kForeign).fields.find("Access-Control-Allow-Origin"));
    EXPECT_FALSE(get("/thing", kForeign).fields.find("Access-Control-Allow-Origin"));
}

}  // namespace
}  // namespace patchbay::net
