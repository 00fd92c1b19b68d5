// SPDX-License-Identifier: Apache-2.0
#include "net/http_message.hpp"

#include "net/origin.hpp"
#include "net/router.hpp"
#include "net/url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patchbay::net {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(HttpTarget, PathAndQueryAreDecodedOnce) {
    const auto target = parse_http_target("/call/kill/a%2Fb%20c?id=x%26y&empty=&flag&plus=a+b%2B");
    ASSERT_TRUE(target);
    EXPECT_THAT(target->segments, ElementsAre("call", "kill", "a/b c"));
    EXPECT_THAT(target->query, ElementsAre(Pair("id", "x&y"), Pair("empty", ""), Pair("flag", ""),
                                           Pair("plus", "a b+")));
}

TEST(HttpTarget, ATrailingSlashAndAnAbsoluteFormMakeNoDifference) {
    for (const char* text : {"/call/lists", "/call/lists/", "http://localhost:8080/call/lists"}) {
        const auto target = parse_http_target(text);
        ASSERT_TRUE(target) << text;
        EXPECT_THAT(target->segments, ElementsAre("call", "lists")) << text;
        EXPECT_EQ(target->path, "/call/lists") << text;
    }
    EXPECT_EQ(parse_http_target("/")->path, "/");
    EXPECT_EQ(parse_http_target("http://localhost")->path, "/");
}

TEST(HttpTarget, BrokenEscapesAndOtherFormsAreRefused) {
    for (const char* text : {"", "*", "call", "/a%", "/a%4", "/a%zz", "/?x=%f", "host:443"}) {
        EXPECT_FALSE(parse_http_target(text)) << text;
    }
}

TEST(HttpFields, NamesAreComparedWithoutCaseAndListsByToken) {
    HttpFields fields{{"Connection", "keep-alive, Upgrade"}, {"X-A", "1"}};
    EXPECT_EQ(fields.find("x-a"), "1");
    EXPECT_EQ(fields.find("x-b"), std::nullopt);
    EXPECT_TRUE(fields.has_token("connection", "upgrade"));
    EXPECT_FALSE(fields.has_token("connection", "up"));
    fields.set("x-A", "2");
    EXPECT_EQ(fields.find("X-A"), "2");
    EXPECT_EQ(std::distance(fields.begin(), fields.end()), 2);
}

TEST(HttpResponse, AnErrorIsJsonWhateverItsTextHolds) {
    const auto response = HttpResponse::error(409, "id \"a\\b\" is taken");
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(response.body, R"({"error":"id \"a\\b\" is taken"})");
    EXPECT_EQ(response.fields.find("content-type"), "application/json");
}

class Routes : public testing::Test {
  protected:
    Routes() {
        router_.add(HttpMethod::Get, "/call/{id}", 0);
        router_.add(HttpMethod::Delete, "/call/{id}", 1);
        router_.add(HttpMethod::Get, "/call/lists", 2);
        router_.add(HttpMethod::Post, "/call/kill/{id}", 3);
        router_.add_upgrade("/call/sip", 4);
        router_.add(HttpMethod::Get, "/", 5);
        router_.add(HttpMethod::Get, "/{kind}/lists", 6);
    }

    Router::Outcome find(HttpMethod method, std::string_view path, bool upgrade = false) const {
        return router_.find(method, parse_http_target(path)->segments, upgrade);
    }

    Router router_;
};

TEST_F(Routes, AStaticSegmentWinsOverANameWhereverItWasAdded) {
    EXPECT_EQ(find(HttpMethod::Get, "/call/lists"), Router::Outcome(Router::Found{2, {}, false}));
    EXPECT_EQ(find(HttpMethod::Get, "/call/other"),
              Router::Outcome(Router::Found{0, {{"id", "other"}}, false}));
    EXPECT_EQ(find(HttpMethod::Get, "/other/lists"),
              Router::Outcome(Router::Found{6, {{"kind", "other"}}, false}));
}

TEST_F(Routes, ATrailingSlashIsAllowedAndAnEmptyNameIsNot) {
    EXPECT_EQ(find(HttpMethod::Post, "/call/kill/x/"),
              Router::Outcome(Router::Found{3, {{"id", "x"}}, false}));
    EXPECT_EQ(find(HttpMethod::Get, "/"), Router::Outcome(Router::Found{5, {}, false}));
    EXPECT_EQ(find(HttpMethod::Get, "/call//"), Router::Outcome(Router::NotFound{}));
    EXPECT_EQ(find(HttpMethod::Get, "//lists"), Router::Outcome(Router::NotFound{}));
}

TEST_F(Routes, AWrongMethodNamesTheRightOnes) {
    EXPECT_EQ(find(HttpMethod::Post, "/call/x"),
              Router::Outcome(Router::WrongMethod{"GET, HEAD, DELETE, OPTIONS"}));
    EXPECT_EQ(find(HttpMethod::Delete, "/call/lists"),
              Router::Outcome(Router::WrongMethod{"GET, HEAD, OPTIONS"}));
    EXPECT_EQ(find(HttpMethod::Head, "/call/lists"), Router::Outcome(Router::Found{2, {}, false}));
}

TEST_F(Routes, AnUpgradeRouteIsForUpgradesOnly) {
    EXPECT_EQ(find(HttpMethod::Get, "/call/sip", true),
              Router::Outcome(Router::Found{4, {}, true}));
    EXPECT_EQ(find(HttpMethod::Get, "/call/sip"), Router::Outcome(Router::UpgradeOnly{}));
    EXPECT_EQ(find(HttpMethod::Post, "/call/sip"),
              Router::Outcome(Router::WrongMethod{"GET, OPTIONS"}));
    // Elsewhere the wish to upgrade is ignored (RFC 9110 7.8).
    EXPECT_EQ(find(HttpMethod::Get, "/call/lists", true),
              Router::Outcome(Router::Found{2, {}, false}));
}

struct OriginCase {
    const char* host;
    const char* origin;  // empty: no such field
    bool admitted;
};

class OriginPolicy : public testing::TestWithParam<OriginCase> {};

TEST_P(OriginPolicy, UpgradesAndStateChangesNeedAHostAndAnOriginOfOurs) {
    const std::vector<std::string> own{"gateway.example"};
    const std::vector<std::string> listed{"https://console.example"};
    HttpRequest request;
    request.local = *SocketAddress::parse("192.0.2.7:8080");
    if (*GetParam().host != '\0') {
        request.fields.add("Host", GetParam().host);
    }
    if (*GetParam().origin != '\0') {
        request.fields.add("Origin", GetParam().origin);
    }
    EXPECT_TRUE(admit_origin(request, own, listed)) << "a plain GET always passes";
    request.upgrade = true;
    EXPECT_EQ(admit_origin(request, own, listed).has_value(), GetParam().admitted);
    request.upgrade = false;
    request.method = HttpMethod::Post;
    EXPECT_EQ(admit_origin(request, own, listed).has_value(), GetParam().admitted);
}

INSTANTIATE_TEST_SUITE_P(
    Fields,
    OriginPolicy,
    testing::Values(OriginCase{"localhost:8080", "", true},
                    OriginCase{"127.0.0.1:8080", "", true},
                    OriginCase{"[::1]:8080", "", true},
                    OriginCase{"[::1]", "", true},
                    OriginCase{"192.0.2.7:8080", "", true},
                    OriginCase{"Gateway.Example", "", true},
                    OriginCase{"attacker.example:8080", "", false},
                    OriginCase{"192.0.2.8", "", false},
                    OriginCase{"localhost.attacker.example", "", false},
                    OriginCase{"", "", false},
                    OriginCase{"localhost", "http://localhost:3000", true},
                    OriginCase{"localhost", "https://gateway.example", true},
                    OriginCase{"localhost", "https://console.example", true},
                    OriginCase{"localhost", "https://console.example.attacker.example", false},
                    OriginCase{"localhost", "http://attacker.example", false},
                    OriginCase{"localhost", "null", false}));

TEST(Url, PartsOfAUrl) {
    const auto url = parse_url("WS://Example.com:9090/media?x=1#part");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme, "ws");
    EXPECT_EQ(url->host, "example.com");
    EXPECT_EQ(url->port, 9090);
    EXPECT_EQ(url->target, "/media?x=1");
    EXPECT_EQ(url->authority, "Example.com:9090");
    EXPECT_FALSE(url->secure());
    EXPECT_EQ(parse_url("https://[::1]?q")->target, "/?q");
    EXPECT_EQ(parse_url("https://[::1]")->host, "::1");
    EXPECT_EQ(parse_url("https://h")->port, 443);
}

TEST(Url, WhatIsNoUrlForUsIsRefused) {
    for (const char* text :
         {"", "localhost", "ftp://h", "http://", "http://a b", "http://h:0", "http://h:99999",
          "http://user:secret@h/", "http://[::1", "http://h\r\nX: 1"}) {
        EXPECT_FALSE(parse_url(text)) << text;
    }
}

}  // namespace
}  // namespace patchbay::net
