// SPDX-License-Identifier: Apache-2.0
#include "api/access.hpp"

#include <gtest/gtest.h>

namespace patchbay::api {
namespace {

net::HttpRequest request_from(const char* peer) {
    net::HttpRequest request;
    request.path = "/call/lists";
    request.peer = *SocketAddress::parse(peer);
    request.local = *SocketAddress::parse("192.0.2.10:8080");
    request.fields.add("Host", "192.0.2.10:8080");
    return request;
}

AccessPolicy policy() {
    return {.tokens = {Secret<std::string>("first"), Secret<std::string>("second")},
            .own_hosts = {},
            .listed_origins = {"https://console.example"}};
}

int verdict(const net::HttpRequest& request) {
    const auto refusal = admit(policy(), request);
    return refusal ? refusal->status : 200;
}

TEST(Access, ALoopbackPeerNeedsNoTokenAndOthersDo) {
    EXPECT_EQ(verdict(request_from("127.0.0.1:4000")), 200);
    EXPECT_EQ(verdict(request_from("[::1]:4000")), 200);
    EXPECT_EQ(verdict(request_from("192.0.2.1:4000")), 401);
}

TEST(Access, EveryConfiguredTokenOpensInAHeaderOrInTheQuery) {
    for (const char* token : {"first", "second"}) {
        auto by_header = request_from("192.0.2.1:4000");
        by_header.fields.add("Authorization", std::string("bearer ") + token);
        EXPECT_EQ(verdict(by_header), 200);
        auto by_query = request_from("192.0.2.1:4000");
        by_query.query.emplace_back("token", token);
        EXPECT_EQ(verdict(by_query), 200);
    }
}

TEST(Access, AWrongTokenIsRefusedEvenFromLoopback) {
    auto request = request_from("127.0.0.1:4000");
    request.fields.add("Authorization", "Bearer third");
    EXPECT_EQ(verdict(request), 401);
}

TEST(Access, AnotherSchemeThanBearerIsNoToken) {
    auto request = request_from("192.0.2.1:4000");
    request.fields.add("Authorization", "Basic first");
    EXPECT_EQ(verdict(request), 401);
}

TEST(Access, AnUpgradeFromAForeignPageIsRefusedAndFromAListedOneNot) {
    auto request = request_from("127.0.0.1:4000");
    request.upgrade = true;
    request.fields.add("Origin", "https://evil.example");
    EXPECT_EQ(verdict(request), 403);
    request.fields.set("Origin", "https://console.example");
    EXPECT_EQ(verdict(request), 200);
}

TEST(Access, AForeignPageCannotKillByGet) {
    auto request = request_from("127.0.0.1:4000");
    request.path = "/kill/session123";
    EXPECT_EQ(verdict(request), 200);
    request.fields.add("Sec-Fetch-Site", "cross-site");  // <img src="http://127.0.0.1:8080/kill/1">
    EXPECT_EQ(verdict(request), 403);
    request.fields.add("Origin", "https://evil.example");
    EXPECT_EQ(verdict(request), 403);
    request.fields.set("Origin", "https://console.example");
    EXPECT_EQ(verdict(request), 200);
}

TEST(Access, HealthAnswersEverybody) {
    auto request = request_from("192.0.2.1:4000");
    request.path = "/health";
    EXPECT_EQ(verdict(request), 200);
}

}  // namespace
}  // namespace patchbay::api
