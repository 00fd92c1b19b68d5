// SPDX-License-Identifier: Apache-2.0
#include "api/access.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

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
    return {.tokens = {{.token = Secret<std::string>("first")},
                       {.token = Secret<std::string>("second")},
                       {.token = Secret<std::string>("for-calls"), .scopes = {Scope::Calls}},
                       {.token = Secret<std::string>("for-records"), .scopes = {Scope::Records}},
                       {.token = Secret<std::string>("for-metrics"), .scopes = {Scope::Metrics}},
                       {.token = Secret<std::string>("for-nothing"), .scopes = {}}},
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

// Who comes, with what, to which door: only the right token opens it.
struct Door {
    const char* path;
    Scope scope;
};
constexpr std::array kDoors = {
    Door{"/call", Scope::Calls},
    Door{"/call/", Scope::Calls},
    Door{"/call/sip", Scope::Calls},
    Door{"/call/webrtc", Scope::Calls},
    Door{"/call/lists", Scope::Calls},
    Door{"/call/kill/x", Scope::Calls},
    Door{"/call/trace/x", Scope::Calls},
    Door{"/list", Scope::Calls},
    Door{"/kill/x", Scope::Calls},
    Door{"/command/x", Scope::Calls},
    Door{"/events/x", Scope::Calls},
    Door{"/precache", Scope::Calls},
    Door{"/iceservers", Scope::Calls},
    Door{"/api/records", Scope::Records},
    Door{"/api/records/x", Scope::Records},
    Door{"/api/records/x/recording", Scope::Records},
    Door{"/metrics", Scope::Metrics},
    Door{"/api/recordsandmore", Scope::Admin},
    Door{"/callers", Scope::Admin},
    Door{"/anything/else", Scope::Admin},
    Door{"/consoles", Scope::Admin},
    Door{"/dialling", Scope::Admin},
};

// The method opens no door.
constexpr std::array kMethods = {net::HttpMethod::Get, net::HttpMethod::Post, net::HttpMethod::Put,
                                 net::HttpMethod::Delete, net::HttpMethod::Options};

TEST(Access, TheFilesOfTheConsoleAreOpenToEverybody) {
    for (const char* path :
         {"/", "/console/talk.js", "/console/schema.json", "/patchbay.js", "/dial", "/console/dial.js"}) {
        auto request = request_from("192.0.2.1:4000");
        request.path = path;
        EXPECT_EQ(verdict(request), 200) << path;
    }
}

TEST(Access, TheMatrixOfDoorsAndTokensHolds) {
    for (const Door& door : kDoors) {
        EXPECT_EQ(scope_of(door.path), door.scope) << door.path;
        for (const net::HttpMethod method : kMethods) {
            const auto with = [&](const char* token) {
                auto request = request_from("192.0.2.1:4000");
                request.path = door.path;
                request.method = method;
                if (token != nullptr) {
                    request.fields.add("Authorization", std::string("Bearer ") + token);
                }
                return verdict(request);
            };
            EXPECT_EQ(with(nullptr), 401) << door.path;
            EXPECT_EQ(with("nobody's"), 401) << door.path;
            EXPECT_EQ(with(""), 401) << door.path;
            EXPECT_EQ(with("for-nothing"), 403) << door.path;
            EXPECT_EQ(with("first"), 200) << door.path;
            EXPECT_EQ(with("for-calls"), door.scope == Scope::Calls ? 200 : 403) << door.path;
            EXPECT_EQ(with("for-records"), door.scope == Scope::Records ? 200 : 403) << door.path;
            EXPECT_EQ(with("for-metrics"), door.scope == Scope::Metrics ? 200 : 403) << door.path;
        }
    }
}

TEST(Access, ATokenOfLittleScopeIsNoMoreOnLoopback) {
    auto request = request_from("127.0.0.1:4000");
    request.path = "/api/records";
    EXPECT_EQ(verdict(request), 200);
    request.fields.add("Authorization", "Bearer for-calls");
    EXPECT_EQ(verdict(request), 403);
}

TEST(Access, EveryScopeHasAWord) {
    for (const Scope scope : kScopes) {
        EXPECT_EQ(parse_scope(to_string(scope)), scope);
    }
    EXPECT_EQ(parse_scope("root"), std::nullopt);
}

class BridgeAccess : public testing::TestWithParam<const char*> {
  protected:
    net::HttpRequest request(const std::string& authorization = "") const {
        net::HttpRequest out = request_from("127.0.0.1:4000");
        out.path = GetParam();
        if (!authorization.empty()) {
            out.fields.add("Authorization", authorization);
        }
        return out;
    }
};

TEST_P(BridgeAccess, ABearerTokenIsNeededAlsoOnThisMachine) {
    EXPECT_EQ(verdict(request()), 401);
    EXPECT_EQ(verdict(request("Bearer wrong")), 401);
    EXPECT_EQ(verdict(request("Basic first")), 401);
    EXPECT_EQ(verdict(request("Bearer first")), 200);
}

TEST_P(BridgeAccess, ATokenInTheAddressIsNone) {
    net::HttpRequest by_query = request();
    by_query.query.emplace_back("token", "first");
    EXPECT_EQ(verdict(by_query), 401);
}

TEST_P(BridgeAccess, TheScopeIsAdmin) {
    EXPECT_EQ(verdict(request("Bearer for-calls")), 403);
}

TEST_P(BridgeAccess, TheRefusalHasTheContractsWordsAndPortugueseOnRequest) {
    EXPECT_EQ(admit(policy(), request())->body, R"({"error":"Unauthorized - Invalid token"})");
    net::HttpRequest portuguese = request();
    portuguese.fields.add("Accept-Language", "pt-BR,pt;q=0.9,en;q=0.8");
    EXPECT_EQ(admit(policy(), portuguese)->body, "{\"error\":\"Não autorizado - Token inválido\"}");
}

INSTANTIATE_TEST_SUITE_P(Paths,
                         BridgeAccess,
                         testing::Values("/call/bridge/config",
                                         "/call/bridge/status",
                                         "/call/bridge"));

}  // namespace
}  // namespace patchbay::api
