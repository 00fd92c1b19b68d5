// SPDX-License-Identifier: Apache-2.0
#include "net/tls_engine.hpp"

#include "support/test_certificates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <utility>

namespace patchbay::net {
namespace {

using testing::HasSubstr;

std::string read_all(TlsEngine& engine) {
    std::string text;
    std::array<std::uint8_t, 1000> space;
    while (true) {
        const auto count = engine.read(space);
        if (!count || *count == 0) {
            return text;
        }
        text += as_text(ByteView(space).first(*count));
    }
}

// A client and a server whose bytes are carried in pieces of a given size.
struct Pair {
    TlsEngine client;
    TlsEngine server;
    std::size_t piece = 4096;

    Result<void> carry(TlsEngine& from, TlsEngine& to) const {
        const std::string bytes = from.take();
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            to.feed(as_bytes(std::string_view(bytes).substr(at, piece)));
            if (!to.established()) {
                PB_CHECK(to.shake_hands());
            }
        }
        return {};
    }
    static Result<void> shake(Pair& pair) {
        for (int i = 0; i < 5; ++i) {
            PB_CHECK(pair.carry(pair.client, pair.server));
            PB_CHECK(pair.carry(pair.server, pair.client));
        }
        return {};
    }
};

class TlsEngineTest : public testing::Test {
  protected:
    TlsContext server_context(const std::string& names, ClientCertificates clients = {}) {
        const auto files = certificates_.issue("server", names);
        TlsServerOptions options;
        options.identities = {{files.certificate, files.key}};
        options.clients = clients;
        options.authorities_file = certificates_.authority_file();
        return TlsContext::for_server(options).value();
    }
    TlsContext client_context(bool verify = true) {
        TlsClientOptions options;
        options.authorities_file = certificates_.authority_file();
        options.verify = verify;
        return TlsContext::for_client(options).value();
    }
    Result<void> reach(const std::string& peer, const std::string& names) {
        Pair pair{TlsEngine::client(client_context(), {peer}),
                  TlsEngine::server(server_context(names))};
        return Pair::shake(pair);
    }

    test::TestCertificates certificates_;
};

TEST_F(TlsEngineTest, CarriesBytesBothWaysHoweverTheyWereSplit) {
    for (const std::size_t piece : {1U, 2U, 7U, 1000U, 100'000U}) {
        Pair pair{TlsEngine::client(client_context(), {"pbx.example.com"}),
                  TlsEngine::server(server_context("DNS:pbx.example.com")), piece};
        ASSERT_TRUE(pair.client.write("before the handshake was over"));
        ASSERT_TRUE(Pair::shake(pair)) << piece;
        EXPECT_EQ(read_all(pair.server), "before the handshake was over");
        const std::string large(50'000, 'x');
        ASSERT_TRUE(pair.server.write(large));
        ASSERT_TRUE(pair.carry(pair.server, pair.client));
        EXPECT_EQ(read_all(pair.client), large);
        EXPECT_EQ(pair.client.version(), "TLSv1.3");
    }
}

TEST_F(TlsEngineTest, TheServerSpeaksForTheDomainThatWasAskedFor) {  // RFC 5922 7.2
    EXPECT_TRUE(reach("example.com", "URI:sip:example.com,DNS:host7.example.net"));
    EXPECT_TRUE(reach("EXAMPLE.com", "DNS:example.COM"));
    EXPECT_TRUE(reach("127.0.0.1", "IP:127.0.0.1"));
    EXPECT_TRUE(reach("::1", "IP:::1"));
}

TEST_F(TlsEngineTest, AnotherNameIsRefused) {  // RFC 5922 7.1, 7.2
    struct Row {
        std::string peer;
        std::string names;
        std::string why;
    };
    const std::array rows = {
        Row{"example.com", "DNS:example.net", "another domain"},
        Row{"foo.example.com", "DNS:example.com", "suffixes do not match"},
        Row{"foo.example.com", "DNS:*.example.com", "wildcards do not match"},
        Row{"host7.example.net", "URI:sip:example.com,DNS:host7.example.net",
            "a SIP URI makes DNS names count no more"},
        Row{"example.com", "URI:sip:alice@example.com", "a user is no domain"},
        Row{"example.com", "URI:https://example.com", "not a SIP URI"},
        Row{"server", "DNS:example.com", "with alternative names the common name says nothing"},
        Row{"127.0.0.1", "DNS:127.0.0.1", "an address is no DNS name"},
        Row{"127.0.0.1", "IP:127.0.0.2", "another address"},
        Row{"", "DNS:example.com", "nobody was asked for"},
    };
    for (const Row& row : rows) {
        const auto refused = reach(row.peer, row.names);
        ASSERT_FALSE(refused) << row.why;
        EXPECT_EQ(refused.error().code, Errc::Refused) << row.why;
        EXPECT_EQ(refused.error().detail, X509_V_ERR_HOSTNAME_MISMATCH) << row.why;
    }
}

TEST_F(TlsEngineTest, TheCommonNameCountsWhereThereIsNoAlternative) {  // RFC 5922 7.1
    EXPECT_TRUE(reach("server", ""));
}

TEST_F(TlsEngineTest, AnUnknownAuthorityIsRefusedUnlessNothingIsVerified) {
    test::TestCertificates stranger;
    const auto files = stranger.issue("server", "DNS:example.com");
    TlsServerOptions options;
    options.identities = {{files.certificate, files.key}};
    const auto server = TlsContext::for_server(options).value();
    Pair strict{TlsEngine::client(client_context(), {"example.com"}), TlsEngine::server(server)};
    const auto refused = Pair::shake(strict);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::Refused);
    Pair trusting{TlsEngine::client(client_context(false), {"other.example.org"}),
                  TlsEngine::server(server)};
    EXPECT_TRUE(Pair::shake(trusting));
}

TEST_F(TlsEngineTest, AClientWithoutTheCertificateThatIsRequiredIsRefused) {
    const auto server = server_context("DNS:example.com", ClientCertificates::Required);
    Pair pair{TlsEngine::client(client_context(), {"example.com"}), TlsEngine::server(server)};
    EXPECT_FALSE(Pair::shake(pair));
}

TEST_F(TlsEngineTest, AClientWithACertificateIsLetIn) {
    const auto mine = certificates_.issue("client", "DNS:client.example.com");
    TlsClientOptions options;
    options.authorities_file = certificates_.authority_file();
    options.identity = TlsIdentity{mine.certificate, mine.key};
    const auto client = TlsContext::for_client(options).value();
    const auto server = server_context("DNS:example.com", ClientCertificates::Required);
    Pair pair{TlsEngine::client(client, {"example.com"}), TlsEngine::server(server)};
    EXPECT_TRUE(Pair::shake(pair));
}

TEST_F(TlsEngineTest, AskedForACertificateAClientMayHaveNone) {
    const auto server = server_context("DNS:example.com", ClientCertificates::Asked);
    Pair pair{TlsEngine::client(client_context(), {"example.com"}), TlsEngine::server(server)};
    EXPECT_TRUE(Pair::shake(pair));
}

TEST_F(TlsEngineTest, TheServerShowsTheCertificateOfTheNameThatWasAskedFor) {  // RFC 6066 3
    const auto first = certificates_.issue("a", "DNS:a.example.com");
    const auto second = certificates_.issue("b", "DNS:b.example.com");
    TlsServerOptions options;
    options.identities = {{first.certificate, first.key}, {second.certificate, second.key}};
    const auto server = TlsContext::for_server(options).value();
    for (const std::string name : {"a.example.com", "b.example.com"}) {
        Pair pair{TlsEngine::client(client_context(), {name}), TlsEngine::server(server)};
        EXPECT_TRUE(Pair::shake(pair)) << name;
    }
}

TEST_F(TlsEngineTest, NothingOlderThanTls12IsSpoken) {
    const auto old = client_context(false);
    SSL_CTX_set_min_proto_version(old.native(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(old.native(), TLS1_1_VERSION);
    SSL_CTX_set_security_level(old.native(), 0);
    Pair pair{TlsEngine::client(old, {"example.com"}),
              TlsEngine::server(server_context("DNS:example.com"))};
    EXPECT_FALSE(Pair::shake(pair));
    const auto twelve = client_context();
    SSL_CTX_set_max_proto_version(twelve.native(), TLS1_2_VERSION);
    Pair good{TlsEngine::client(twelve, {"example.com"}),
              TlsEngine::server(server_context("DNS:example.com"))};
    EXPECT_TRUE(Pair::shake(good));
    EXPECT_EQ(good.server.version(), "TLSv1.2");
}

TEST_F(TlsEngineTest, BytesThatAreNoTlsEndIt) {
    TlsEngine server = TlsEngine::server(server_context("DNS:example.com"));
    server.feed(as_bytes("OPTIONS sip:pbx.example.com SIP/2.0\r\n\r\n"));
    const auto outcome = server.shake_hands();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Errc::Refused);
}

TEST_F(TlsEngineTest, TheEndIsToldFromABrokenConnection) {
    Pair pair{TlsEngine::client(client_context(), {"example.com"}),
              TlsEngine::server(server_context("DNS:example.com"))};
    ASSERT_TRUE(Pair::shake(pair));
    pair.client.close();
    ASSERT_TRUE(pair.carry(pair.client, pair.server));
    std::array<std::uint8_t, 10> space;
    const auto ended = pair.server.read(space);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, Errc::Closed);
}

TEST_F(TlsEngineTest, UnusableFilesAreNamed) {
    const auto good = certificates_.issue("a", "DNS:a.example.com");
    const auto other = certificates_.issue("b", "DNS:b.example.com");
    const auto why = [](const TlsIdentity& identity) {
        TlsServerOptions options;
        options.identities = {identity};
        return TlsContext::for_server(options).error();
    };
    EXPECT_THAT(why({"/no/such.pem", good.key}), HasSubstr("/no/such.pem cannot be used: "));
    EXPECT_THAT(why({good.certificate, "/no/such.key"}),
                HasSubstr("the private key /no/such.key cannot be used: "));
    EXPECT_THAT(why({good.certificate, other.key}),
                HasSubstr(".key cannot be used: key values mismatch"));
}

}  // namespace
}  // namespace patchbay::net
