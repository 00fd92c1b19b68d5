// SPDX-License-Identifier: Apache-2.0
#include "net/dns_client.hpp"

#include "net/udp_socket.hpp"
#include "support/dns_bytes.hpp"
#include "support/run_shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::net {
namespace {

using test::DnsBytes;
using testing::ElementsAre;

constexpr SocketAddress kAnyPort{IpAddress::v4(127, 0, 0, 1), 0};

// A name server on loopback that answers as the test says; silence where it says nothing.
class DnsClientTest : public testing::Test {
  protected:
    using Answer = std::function<std::string(unsigned id)>;

    DnsClientTest() {
        server_ = *UdpSocket::open(
            shard_, kAnyPort, {}, [this](Instant, const SocketAddress& from, ByteView query) {
                ++queries_;
                const unsigned id = static_cast<unsigned>(query[0] << 8 | query[1]);
                const std::string answer = answer_ ? answer_(id) : std::string();
                if (!answer.empty()) {
                    (void)server_->send(from, as_bytes(answer));
                }
            });
        client_ = *DnsClient::open(
            shard_, {server_->local()},
            [this](Instant, const DnsQuestion&, Result<DnsAnswer> answer) { heard_ = answer; });
    }
    Result<DnsAnswer> ask(const DnsQuestion& question) {
        heard_.reset();
        client_->ask(question);
        EXPECT_FALSE(heard_);  // never at once
        EXPECT_TRUE(test::run_until(shard_, [&] { return heard_.has_value(); }));
        return heard_.value_or(fail(Errc::Timeout, "test"));
    }

    Shard shard_;
    std::optional<UdpSocket> server_;
    std::optional<DnsClient> client_;
    Answer answer_;
    int queries_ = 0;
    std::optional<Result<DnsAnswer>> heard_;
};

TEST_F(DnsClientTest, AsksTheServerItWasGiven) {
    answer_ = [](unsigned id) {
        return DnsBytes("_sip._udp.example.com", DnsBytes::kSrv, id)
            .record(DnsBytes::pointer(12), DnsBytes::kSrv, 30,
                    DnsBytes::u32(0) + DnsBytes::u16(5070) + DnsBytes::name("pbx.example.com"))
            .bytes();
    };
    const auto answer = ask({DnsType::Srv, "_sip._udp.example.com"});
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->srv, ElementsAre(SrvRecord{0, 0, 5070, "pbx.example.com"}));
    EXPECT_EQ(answer->time_to_live, Seconds(30));
}

TEST_F(DnsClientTest, ANameThatDoesNotExistIsNotFound) {
    answer_ = [](unsigned id) { return DnsBytes("no.example", DnsBytes::kA, id, 3).bytes(); };
    EXPECT_EQ(ask({DnsType::A, "no.example"}).error().code, Errc::NotFound);
}

TEST_F(DnsClientTest, ALostQuestionIsAskedAgain) {
    answer_ = [this](unsigned id) {
        return queries_ < 2 ? std::string()
                            : DnsBytes("pbx.example.com", DnsBytes::kA, id)
                                  .record(DnsBytes::pointer(12), DnsBytes::kA, 30,
                                          std::string("\x7F\0\0\1", 4))
                                  .bytes();
    };
    const auto answer = ask({DnsType::A, "pbx.example.com"});
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->addresses, ElementsAre(IpAddress::v4(127, 0, 0, 1)));
    EXPECT_EQ(queries_, 2);
}

TEST_F(DnsClientTest, TheHostsFileAnswersForItsNamesAndTheServerIsNotAsked) {
    const auto answer = ask({DnsType::A, "localhost"});
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->addresses.at(0), IpAddress::v4(127, 0, 0, 1));
    EXPECT_EQ(ask({DnsType::Srv, "_sip._udp.localhost"}).error().code, Errc::NotFound);
    EXPECT_EQ(queries_, 0);
}

TEST_F(DnsClientTest, DestroyedItIsSilent) {
    client_->ask({DnsType::A, "pbx.example.com"});
    test::run_until(shard_, [&] { return queries_ == 1; });
    client_.reset();
    for (int i = 0; i < 10; ++i) {
        shard_.run_one();
    }
    EXPECT_FALSE(heard_);
}

}  // namespace
}  // namespace patchbay::net
