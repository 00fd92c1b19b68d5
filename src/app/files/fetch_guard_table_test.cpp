// SPDX-License-Identifier: Apache-2.0
// What a client's URL may make the server do: every kind of address, name, answer and redirection
// that is known to fool such guards, on real sockets of loopback where a socket is needed.
#include "app/files/fetch_guard.hpp"
#include "app/files/media_downloads.hpp"
#include "app/files/media_head.hpp"
#include "net/http_download.hpp"
#include "net/http_server.hpp"
#include "store/media_cache.hpp"
#include "support/run_shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::app {
namespace {

// Addresses: RFC 6890 and what maps into it

struct AddressCase {
    const char* address;
    bool local = false;   // a client on loopback
    bool remote = false;  // any other
};
class GuardedAddress : public testing::TestWithParam<AddressCase> {};

TEST_P(GuardedAddress, IsAdmittedOrNot) {
    const auto address = IpAddress::parse(GetParam().address);
    ASSERT_TRUE(address) << GetParam().address;
    EXPECT_EQ(FetchGuard{}.admits(*address, true), GetParam().local) << GetParam().address;
    EXPECT_EQ(FetchGuard{}.admits(*address, false), GetParam().remote) << GetParam().address;
}

INSTANTIATE_TEST_SUITE_P(Public,
                         GuardedAddress,
                         testing::Values(AddressCase{"1.1.1.1", true, true},
                                         AddressCase{"8.8.8.8", true, true},
                                         AddressCase{"9.255.255.255", true, true},
                                         AddressCase{"11.0.0.0", true, true},
                                         AddressCase{"100.63.255.255", true, true},
                                         AddressCase{"100.128.0.0", true, true},
                                         AddressCase{"126.255.255.255", true, true},
                                         AddressCase{"128.0.0.1", true, true},
                                         AddressCase{"169.253.255.255", true, true},
                                         AddressCase{"169.255.0.0", true, true},
                                         AddressCase{"172.15.255.255", true, true},
                                         AddressCase{"172.32.0.0", true, true},
                                         AddressCase{"192.167.255.255", true, true},
                                         AddressCase{"192.169.0.0", true, true},
                                         AddressCase{"198.17.255.255", true, true},
                                         AddressCase{"198.20.0.0", true, true},
                                         AddressCase{"223.255.255.255", true, true},
                                         AddressCase{"2600::1", true, true},
                                         AddressCase{"2a00:1450:4001::200e", true, true},
                                         AddressCase{"::ffff:8.8.8.8", true, true}));

INSTANTIATE_TEST_SUITE_P(Loopback,
                         GuardedAddress,
                         testing::Values(AddressCase{"127.0.0.1", true},
                                         AddressCase{"127.0.0.2", true},
                                         AddressCase{"127.255.255.255", true},
                                         AddressCase{"::1", true},
                                         AddressCase{"::ffff:127.0.0.1", true}));

INSTANTIATE_TEST_SUITE_P(Private,
                         GuardedAddress,
                         testing::Values(AddressCase{"0.0.0.0"},
                                         AddressCase{"0.255.255.255"},
                                         AddressCase{"10.0.0.0"},
                                         AddressCase{"10.255.255.255"},
                                         AddressCase{"100.64.0.0"},
                                         AddressCase{"100.127.255.255"},
                                         AddressCase{"169.254.0.0"},
                                         AddressCase{"169.254.169.254"},
                                         AddressCase{"169.254.170.2"},
                                         AddressCase{"100.100.100.200"},
                                         AddressCase{"172.16.0.0"},
                                         AddressCase{"172.31.255.255"},
                                         AddressCase{"192.0.0.0"},
                                         AddressCase{"192.0.0.192"},
                                         AddressCase{"192.0.2.1"},
                                         AddressCase{"192.168.0.0"},
                                         AddressCase{"192.168.255.255"},
                                         AddressCase{"198.18.0.0"},
                                         AddressCase{"198.19.255.255"},
                                         AddressCase{"198.51.100.1"},
                                         AddressCase{"203.0.113.1"},
                                         AddressCase{"224.0.0.1"},
                                         AddressCase{"239.255.255.255"},
                                         AddressCase{"240.0.0.1"},
                                         AddressCase{"255.255.255.255"},
                                         AddressCase{"::"},
                                         AddressCase{"::ffff:0.0.0.0"},
                                         AddressCase{"::ffff:10.0.0.1"},
                                         AddressCase{"::ffff:169.254.169.254"},
                                         AddressCase{"::ffff:192.168.1.1"},
                                         AddressCase{"::10.0.0.1"},
                                         AddressCase{"64:ff9b::a9fe:a9fe"},
                                         AddressCase{"64:ff9b:1::1"},
                                         AddressCase{"100::1"},
                                         AddressCase{"2001::1"},
                                         AddressCase{"2001:db8::1"},
                                         AddressCase{"2002:7f00:1::"},
                                         AddressCase{"2002:a9fe:a9fe::"},
                                         AddressCase{"fc00::1"},
                                         AddressCase{"fd00:ec2::254"},
                                         AddressCase{"fdff::1"},
                                         AddressCase{"fe80::1"},
                                         AddressCase{"fec0::1"},
                                         AddressCase{"ff02::1"}));

// What an answer may be.

struct HeadCase {
    int status;
    const char* type;
    std::optional<Errc> error;
};
class MediaHeadOf : public testing::TestWithParam<HeadCase> {};

TEST_P(MediaHeadOf, IsTakenOrNot) {
    net::HttpResponse head;
    head.status = GetParam().status;
    if (*GetParam().type != '\0') {
        head.fields.add("Content-Type", GetParam().type);
    }
    const auto known = judge_media_head(head);
    EXPECT_EQ(known ? std::nullopt : std::optional(known.error().code), GetParam().error)
        << GetParam().status << " " << GetParam().type;
}

INSTANTIATE_TEST_SUITE_P(Heads,
                         MediaHeadOf,
                         testing::Values(HeadCase{200, "audio/wav", {}},
                                         HeadCase{200, "audio/mpeg; charset=binary", {}},
                                         HeadCase{200, "Audio/Ogg", {}},
                                         HeadCase{200, "video/ogg", {}},
                                         HeadCase{200, "application/ogg", {}},
                                         HeadCase{200, "application/octet-stream", {}},
                                         HeadCase{200, "binary/octet-stream", {}},
                                         HeadCase{200, "", {}},
                                         HeadCase{200, "text/html", Errc::Unsupported},
                                         HeadCase{200, "text/plain", Errc::Unsupported},
                                         HeadCase{200, "application/json", Errc::Unsupported},
                                         HeadCase{200, "application/xml", Errc::Unsupported},
                                         HeadCase{200, "image/png", Errc::Unsupported},
                                         HeadCase{200, "multipart/byteranges", Errc::Unsupported},
                                         HeadCase{200, "application/x-mpegURL", Errc::Unsupported},
                                         HeadCase{204, "audio/wav", Errc::Unavailable},
                                         HeadCase{206, "audio/wav", Errc::Unavailable},
                                         HeadCase{304, "audio/wav", Errc::Unavailable},
                                         HeadCase{401, "audio/wav", Errc::Unauthorized},
                                         HeadCase{403, "audio/wav", Errc::Unauthorized},
                                         HeadCase{404, "audio/wav", Errc::NotFound},
                                         HeadCase{410, "audio/wav", Errc::NotFound},
                                         HeadCase{500, "audio/wav", Errc::Unavailable},
                                         HeadCase{503, "audio/wav", Errc::Unavailable}));

struct FreshCase {
    const char* cache_control;
    std::optional<Nanoseconds> fresh;
};
class MediaFreshness : public testing::TestWithParam<FreshCase> {};

TEST_P(MediaFreshness, IsWhatTheServerSaysWithinADay) {
    net::HttpResponse head;
    head.status = 200;
    head.fields.add("Cache-Control", GetParam().cache_control);
    EXPECT_EQ(judge_media_head(head)->fresh_for, GetParam().fresh) << GetParam().cache_control;
}

INSTANTIATE_TEST_SUITE_P(Directives,
                         MediaFreshness,
                         testing::Values(FreshCase{"", Seconds(600)},
                                         FreshCase{"public", Seconds(600)},
                                         FreshCase{"max-age=60", Seconds(60)},
                                         FreshCase{"public, MAX-AGE=60", Seconds(60)},
                                         FreshCase{"max-age=99999999", Seconds(86400)},
                                         FreshCase{"max-age=0", {}},
                                         FreshCase{"max-age=x", {}},
                                         FreshCase{"no-store", {}},
                                         FreshCase{"no-cache", {}},
                                         FreshCase{"private, max-age=60", {}}));

// On sockets.

class Download : public testing::Test {
  protected:
    void SetUp() override {
        server_.route(net::HttpMethod::Get, "/sound",
                      [this](const net::HttpRequest&, net::Responder responder) {
                          ++sounds_;
                          responder.send(answer(200, {{"Content-Type", "audio/wav"}}, "sound"));
                      });
        server_.route(net::HttpMethod::Get, "/to",
                      [](const net::HttpRequest& request, net::Responder responder) {
                          responder.send(answer(
                              302, {{"Location", std::string(*request.query_value("u"))}}, ""));
                      });
        server_.route(net::HttpMethod::Get, "/loop",
                      [](const net::HttpRequest&, net::Responder responder) {
                          responder.send(answer(301, {{"Location", "/loop"}}, ""));
                      });
        server_.route(net::HttpMethod::Get, "/page",
                      [](const net::HttpRequest&, net::Responder responder) {
                          responder.send(answer(200, {{"Content-Type", "text/html"}}, "secret"));
                      });
        server_.route(
            net::HttpMethod::Get, "/zipped", [](const net::HttpRequest&, net::Responder responder) {
                responder.send(answer(
                    200, {{"Content-Type", "audio/wav"}, {"Content-Encoding", "gzip"}}, "x"));
            });
        server_.route(net::HttpMethod::Get, "/huge",
                      [](const net::HttpRequest&, net::Responder responder) {
                          responder.send(answer(200, {{"Content-Type", "audio/wav"}},
                                                std::string(net::kFetchBody + 1, 'x')));
                      });
        address_ = server_.listen({IpAddress::v4(127, 0, 0, 1), 0}).value();
    }

    static net::HttpResponse answer(int status, net::HttpFields fields, std::string body) {
        net::HttpResponse response;
        response.status = status;
        response.fields = std::move(fields);
        response.body = std::move(body);
        return response;
    }
    std::string url(const std::string& target) const {
        return "http://" + address_.to_string() + target;
    }
    // The code of the failure; none: sound came.
    std::optional<Errc> fetch(const std::string& from, bool local = true) {
        std::optional<Result<std::shared_ptr<media::ByteSource>>> outcome;
        const net::Operation operation =
            downloads_.open(from, local, [&](auto result) { outcome = std::move(result); });
        EXPECT_TRUE(test::run_until(shard_, [&] {
            return outcome && (!*outcome || !(**outcome)->arrived());
        })) << from;
        if (!outcome || !*outcome) {
            return outcome ? std::optional((*outcome).error().code) : Errc::System;
        }
        std::vector<std::uint8_t> bytes(16);
        const auto count = (**outcome)->read_at((**outcome)->size(), bytes);
        return count ? std::nullopt : std::optional(count.error().code);
    }

    net::Shard shard_;
    net::HttpServer server_{shard_};
    SocketAddress address_;
    FetchGuard guard_;
    store::MediaCache cache_{1 << 20};
    MediaDownloads downloads_{shard_, guard_, cache_};
    int sounds_ = 0;
};

TEST_F(Download, ALocalClientMayNameLoopbackAndARemoteOneMayNot) {
    EXPECT_EQ(fetch(url("/sound")), std::nullopt);
    EXPECT_EQ(fetch(url("/sound?2"), false), Errc::Forbidden);
    EXPECT_EQ(sounds_, 1) << "not a packet went to the server for the second";
}

TEST_F(Download, EveryWayToWriteLoopbackIsTheSameAddress) {
    const std::string port = std::to_string(address_.port);
    for (const char* host : {"127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1",
                             "127.1", "127.0.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
                             "LOCALHOST", "0x7f.0.0.1", "017700000001", "127.000.000.001"}) {
        const auto failed = fetch("http://" + std::string(host) + ":" + port + "/sound", false);
        EXPECT_NE(failed, std::nullopt) << host;
    }
    EXPECT_EQ(sounds_, 0);
}

TEST_F(Download, OnlyTheSchemesOfTheWebAreFetchedAndNoCredentialsTravelInAnAddress) {
    for (const char* bad :
         {"file:///etc/passwd", "ftp://127.0.0.1/a", "gopher://127.0.0.1/_x", "ws://127.0.0.1/",
          "http:/127.0.0.1/", "http://", "http:///a", "http://user:pass@127.0.0.1/",
          "http://127.0.0.1:0/", "http://127.0.0.1:99999/", "http://127.0.0.1:x/", "http://[::1/",
          "http://a b/", "http://a\r\nHost: b/", "//127.0.0.1/a", ""}) {
        EXPECT_NE(fetch(bad), std::nullopt) << bad;
    }
}

TEST_F(Download, RedirectionsAreFollowedEachThroughTheGuard) {
    EXPECT_EQ(fetch(url("/to?u=/sound")), std::nullopt);
    EXPECT_EQ(fetch(url("/to?u=sound")), std::nullopt);
    EXPECT_EQ(fetch(url("/to?u=" + url("/sound"))), std::nullopt);
    for (const char* to : {"http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/",
                           "http://[fe80::1]/", "//192.168.0.1/a", "http://0.0.0.0/"}) {
        EXPECT_EQ(fetch(url("/to?u=" + std::string(to))), Errc::Forbidden) << to;
    }
    EXPECT_EQ(fetch(url("/to?u=file:///etc/passwd")), Errc::Unsupported);
    EXPECT_EQ(fetch(url("/to?u=gopher://127.0.0.1/")), Errc::Unsupported);
}

TEST_F(Download, ALoopOfRedirectionsEnds) {
    EXPECT_EQ(fetch(url("/loop")), Errc::Forbidden);
}

TEST_F(Download, WhatIsNoSoundIsTooLargeOrCompressedIsNotTaken) {
    EXPECT_EQ(fetch(url("/page")), Errc::Unsupported);
    EXPECT_EQ(fetch(url("/zipped")), Errc::Unsupported);
    EXPECT_EQ(fetch(url("/huge")), Errc::TooLarge);
    EXPECT_EQ(fetch(url("/nothing")), Errc::NotFound);
}

TEST_F(Download, TheSameFileIsFetchedOnceForClientsOfTheSameKind) {
    EXPECT_EQ(fetch(url("/sound")), std::nullopt);
    EXPECT_EQ(fetch(url("/sound")), std::nullopt);
    EXPECT_EQ(sounds_, 1);
    EXPECT_EQ(fetch(url("/sound"), false), Errc::Forbidden) << "what loopback said stays there";
}

struct LocationCase {
    const char* location;
    const char* target;
};
class Location : public testing::TestWithParam<LocationCase> {};

TEST_P(Location, IsResolvedAgainstTheAddressThatGaveIt) {
    const auto base = net::parse_url("https://example.com:8443/a/b?c=d");
    EXPECT_EQ(net::resolve_location(*base, GetParam().location).value_or("none"),
              GetParam().target);
}

INSTANTIATE_TEST_SUITE_P(Rfc3986,
                         Location,
                         testing::Values(LocationCase{"http://x.org/y", "http://x.org/y"},
                                         LocationCase{"//x.org/y", "https://x.org/y"},
                                         LocationCase{"/y?z", "https://example.com:8443/y?z"},
                                         LocationCase{"y", "https://example.com:8443/a/y"},
                                         LocationCase{"?y", "https://example.com:8443/a/b?y"},
                                         LocationCase{"/y?u=http://x.org/",
                                                      "https://example.com:8443/y?u=http://x.org/"},
                                         LocationCase{"", "none"}));

}  // namespace
}  // namespace patchbay::app
