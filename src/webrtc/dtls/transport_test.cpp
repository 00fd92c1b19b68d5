// SPDX-License-Identifier: Apache-2.0
#include "webrtc/dtls/transport.hpp"

#include "rtp/srtp_protector.hpp"
#include "rtp/srtp_unprotector.hpp"
#include "support/manual_clock.hpp"
#include "webrtc/dtls/record.hpp"
#include "webrtc/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <optional>

namespace patchbay::webrtc {
namespace {

DtlsContext make_context(std::uint64_t seed) {
    SeededRandom random(seed);
    auto context = DtlsContext::make(WallTime{1'790'000'000'000}, random,
                                     {.first_retransmission = Milliseconds(20)});
    EXPECT_TRUE(context);
    return *std::move(context);
}

class Dtls : public testing::Test {
  protected:
    struct Side {
        Side(DtlsRole role, const DtlsContext& own, const Fingerprint& expected)
            : transport(own, role, {expected}) {}

        template <class Event>
        const Event* find() const {
            for (const DtlsEvent& event : events) {
                if (const auto* found = std::get_if<Event>(&event)) {
                    return found;
                }
            }
            return nullptr;
        }

        DtlsTransport transport;
        std::vector<DtlsEvent> events;
        std::vector<Bytes> sent;
    };

    // Whatever came out of `side`; returns the datagrams on their way to the other.
    std::vector<Bytes> settle(Side& side, DtlsOutputs out) {
        side.events.insert(side.events.end(), out.events.begin(), out.events.end());
        side.sent.insert(side.sent.end(), out.datagrams.begin(), out.datagrams.end());
        return std::move(out.datagrams);
    }
    std::vector<Bytes> start(Side& side) {
        DtlsOutputs out;
        side.transport.start(clock.now(), out);
        return settle(side, std::move(out));
    }
    std::vector<Bytes> deliver(Side& side, const std::vector<Bytes>& datagrams) {
        DtlsOutputs out;
        for (const Bytes& datagram : datagrams) {
            side.transport.handle_datagram(clock.now(), datagram, out);
        }
        return settle(side, std::move(out));
    }
    void exchange(Side& a, Side& b, std::vector<Bytes> to_b) {
        for (int flight = 0; flight < 20 && !to_b.empty(); ++flight) {
            to_b = deliver(a, deliver(b, to_b));
        }
    }
    void handshake() {
        start(server);
        exchange(client, server, start(client));
    }
    // OpenSSL tells the time of its own alarm by the real clock, so this works at something until
    // it rings; 20 ms are a few hundred keys at most.
    std::vector<Bytes> wait_for_retransmission(Side& side) {
        while (side.transport.state() == DtlsState::Connecting) {
            DtlsOutputs out;
            side.transport.handle_timeout(*side.transport.next_timeout(), out);
            if (!out.datagrams.empty()) {
                return settle(side, std::move(out));
            }
            make_context(9);
        }
        return {};
    }

    test::ManualClock clock;
    DtlsContext client_context = make_context(1);
    DtlsContext server_context = make_context(2);
    Side client{DtlsRole::Client, client_context, server_context.fingerprint()};
    Side server{DtlsRole::Server, server_context, client_context.fingerprint()};
};

TEST_F(Dtls, BothSidesConnectAndHaveTheSameKeys) {
    handshake();
    const auto* a = client.find<DtlsConnected>();
    const auto* b = server.find<DtlsConnected>();
    ASSERT_TRUE(a != nullptr && b != nullptr);
    EXPECT_EQ(a->keys.send, b->keys.receive);
    EXPECT_EQ(a->keys.receive, b->keys.send);
    EXPECT_NE(a->keys.send, a->keys.receive);
    EXPECT_EQ(a->keys.send.profile, rtp::SrtpProfile::AeadAes128Gcm);
}

TEST_F(Dtls, TheKeysProtectRtp) {
    handshake();
    auto protector = rtp::SrtpProtector::make(client.find<DtlsConnected>()->keys.send);
    auto unprotector = rtp::SrtpUnprotector::make(server.find<DtlsConnected>()->keys.receive);
    ASSERT_TRUE(protector && unprotector);
    std::array<std::uint8_t, 200> buffer{0x80, 0, 0, 1};
    auto packet = protector->protect_rtp(buffer, 172);
    ASSERT_TRUE(packet);
    Bytes arrived(packet->begin(), packet->end());
    EXPECT_TRUE(unprotector->unprotect_rtp(arrived));
}

TEST_F(Dtls, NoDatagramIsLongerThanAPathCanCarry) {
    handshake();
    for (const Side* side : {&client, &server}) {
        for (const Bytes& datagram : side->sent) {
            EXPECT_LE(datagram.size(), limits::kDtlsMtu);
        }
    }
}

TEST_F(Dtls, EveryRunHasItsOwnKeys) {
    handshake();
    Side again{DtlsRole::Client, client_context, server_context.fingerprint()};
    Side other{DtlsRole::Server, server_context, client_context.fingerprint()};
    start(other);
    exchange(again, other, start(again));
    ASSERT_NE(again.find<DtlsConnected>(), nullptr);
    EXPECT_NE(again.find<DtlsConnected>()->keys, client.find<DtlsConnected>()->keys);
}

// FreeSWITCH 1.11.2: the certificate was not checked in one of the roles.
TEST_F(Dtls, AClientRefusesAServerWithAnotherCertificate) {
    Side suspicious{DtlsRole::Client, client_context, make_context(3).fingerprint()};
    start(server);
    exchange(suspicious, server, start(suspicious));
    const auto* failed = suspicious.find<DtlsFailed>();
    ASSERT_NE(failed, nullptr);
    EXPECT_EQ(failed->error.code, Errc::Forbidden);
    EXPECT_EQ(suspicious.find<DtlsConnected>(), nullptr);
    EXPECT_EQ(server.find<DtlsConnected>(), nullptr);
}

TEST_F(Dtls, AServerRefusesAClientWithAnotherCertificate) {
    Side suspicious{DtlsRole::Server, server_context, make_context(3).fingerprint()};
    start(suspicious);
    exchange(client, suspicious, start(client));
    const auto* failed = suspicious.find<DtlsFailed>();
    ASSERT_NE(failed, nullptr);
    EXPECT_EQ(failed->error.code, Errc::Forbidden);
    EXPECT_EQ(client.find<DtlsConnected>(), nullptr);
}

TEST_F(Dtls, WithoutAnyFingerprintNobodyIsAccepted) {
    DtlsTransport nobody(server_context, DtlsRole::Server, {});
    DtlsOutputs out;
    nobody.start(clock.now(), out);
    std::vector<Bytes> flight = start(client);
    for (int i = 0; i < 10 && !flight.empty(); ++i) {
        out.datagrams.clear();
        for (const Bytes& datagram : flight) {
            nobody.handle_datagram(clock.now(), datagram, out);
        }
        flight = deliver(client, out.datagrams);
    }
    EXPECT_EQ(nobody.state(), DtlsState::Failed);
}

TEST_F(Dtls, ALostFlightIsSentAgain) {
    start(server);
    start(client);  // lost
    const auto again = wait_for_retransmission(client);
    ASSERT_FALSE(again.empty());
    exchange(client, server, again);
    EXPECT_NE(server.find<DtlsConnected>(), nullptr);
}

TEST_F(Dtls, ALostLastFlightIsSentAgainOnDemand) {
    start(server);
    const auto certificate = deliver(server, start(client));
    const auto finished = deliver(client, certificate);
    deliver(server, finished);  // the server's Finished is lost
    ASSERT_NE(server.find<DtlsConnected>(), nullptr);
    EXPECT_EQ(client.find<DtlsConnected>(), nullptr);
    const auto again = wait_for_retransmission(client);
    deliver(client, deliver(server, again));
    EXPECT_NE(client.find<DtlsConnected>(), nullptr);
}

TEST_F(Dtls, RepeatedAndReorderedDatagramsDoNoHarm) {
    start(server);
    std::vector<Bytes> to_server = start(client);
    for (int flight = 0; flight < 10 && !to_server.empty(); ++flight) {
        to_server.insert(to_server.end(), to_server.rbegin(), to_server.rend());
        auto to_client = deliver(server, to_server);
        to_client.insert(to_client.end(), to_client.rbegin(), to_client.rend());
        to_server = deliver(client, to_client);
    }
    EXPECT_NE(client.find<DtlsConnected>(), nullptr);
    EXPECT_NE(server.find<DtlsConnected>(), nullptr);
}

TEST_F(Dtls, AHandshakeThatNeverEndsIsGivenUp) {
    start(client);
    DtlsOutputs out;
    clock.advance(limits::kDtlsHandshake);
    client.transport.handle_timeout(clock.now(), out);
    settle(client, std::move(out));
    ASSERT_NE(client.find<DtlsFailed>(), nullptr);
    EXPECT_EQ(client.find<DtlsFailed>()->error.code, Errc::Timeout);
    EXPECT_EQ(client.transport.next_timeout(), std::nullopt);
}

// CVE-2023-51443, CVE-2023-49786, ES2023-03.
TEST_F(Dtls, APlainAlertEndsNothing) {
    const Bytes alert = {21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 2, 40};
    start(server);
    deliver(server, {alert});
    const auto flight = start(client);
    deliver(client, {alert});
    const auto certificate = deliver(server, flight);
    deliver(server, {alert});
    deliver(client, {alert});
    exchange(server, client, certificate);
    EXPECT_NE(client.find<DtlsConnected>(), nullptr);
    EXPECT_NE(server.find<DtlsConnected>(), nullptr);
    deliver(server, {alert});
    EXPECT_EQ(server.transport.state(), DtlsState::Connected);
}

TEST_F(Dtls, AForgedHelloEndsNothing) {
    // Well framed, and nonsense within.
    Bytes forged = {22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20,
                    1,  0,    0,    8, 0, 0, 0, 0, 0, 0, 0, 8};
    forged.resize(33, 0xEE);
    start(server);
    EXPECT_THAT(deliver(server, {forged}), testing::IsEmpty());
    exchange(client, server, start(client));
    EXPECT_NE(server.find<DtlsConnected>(), nullptr);
    deliver(server, {forged});
    EXPECT_EQ(server.transport.state(), DtlsState::Connected);
}

TEST_F(Dtls, ForgedHellosWithoutEndAreGivenUpAfterSomeTries) {
    Bytes forged = {22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20,
                    1,  0,    0,    8, 0, 0, 0, 0, 0, 0, 0, 8};
    forged.resize(33, 0xEE);
    start(server);
    for (unsigned i = 0; i < 100; ++i) {
        deliver(server, {forged});
    }
    EXPECT_EQ(server.transport.state(), DtlsState::Failed);
}

TEST_F(Dtls, DatagramsCutAnywhereEndNothing) {
    start(server);
    const auto flight = start(client);
    for (std::size_t size = 0; size < flight.front().size(); ++size) {
        deliver(server, {Bytes(flight.front().begin(),
                               flight.front().begin() + static_cast<std::ptrdiff_t>(size))});
    }
    exchange(client, server, flight);
    EXPECT_NE(server.find<DtlsConnected>(), nullptr);
}

TEST_F(Dtls, NoiseOnAConnectedAssociationEndsNothing) {
    handshake();
    SeededRandom random(7);
    for (int i = 0; i < 2000; ++i) {
        Bytes noise(13 + random.below(60));
        random.fill(noise);
        noise[0] = static_cast<std::uint8_t>(20 + random.below(5));
        store_be16(noise.data() + 1, 0xFEFD);
        store_be16(noise.data() + 3, static_cast<std::uint16_t>(random.below(3)));
        store_be16(noise.data() + 11, static_cast<std::uint16_t>(noise.size() - 13));
        deliver(server, {noise});
    }
    EXPECT_EQ(server.transport.state(), DtlsState::Connected);
}

TEST_F(Dtls, AGoodbyeIsHeard) {
    handshake();
    DtlsOutputs out;
    client.transport.close(out);
    deliver(server, settle(client, std::move(out)));
    EXPECT_NE(server.find<DtlsClosed>(), nullptr);
    EXPECT_EQ(server.transport.state(), DtlsState::Closed);
    EXPECT_EQ(client.transport.state(), DtlsState::Closed);
}

TEST_F(Dtls, AGoodbyeOfSomebodyElseIsNot) {
    handshake();
    Side eve{DtlsRole::Client, client_context, server_context.fingerprint()};
    Side other{DtlsRole::Server, server_context, client_context.fingerprint()};
    start(other);
    exchange(eve, other, start(eve));
    DtlsOutputs out;
    eve.transport.close(out);
    deliver(server, settle(eve, std::move(out)));
    EXPECT_EQ(server.transport.state(), DtlsState::Connected);
}

TEST_F(Dtls, AServerSaysNothingUnasked) {
    EXPECT_THAT(start(server), testing::IsEmpty());
    clock.advance(Seconds(1));
    DtlsOutputs out;
    server.transport.handle_timeout(clock.now(), out);
    EXPECT_THAT(out.datagrams, testing::IsEmpty());
}

TEST(DtlsRecord, OnlyPlainAlertsAreTakenOut) {
    const Bytes handshake = {22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9};
    const Bytes alert = {21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 2, 40};
    const Bytes sealed = {21, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 1, 0, 2, 2, 40};
    const auto joined = [](std::initializer_list<Bytes> records) {
        Bytes all;
        for (const Bytes& record : records) {
            all.insert(all.end(), record.begin(), record.end());
        }
        return all;
    };
    EXPECT_EQ(without_plain_alerts(joined({handshake, alert, sealed})),
              joined({handshake, sealed}));
    EXPECT_EQ(without_plain_alerts(alert), Bytes());
    EXPECT_EQ(without_plain_alerts(Bytes{22, 0xFE}), Bytes());
    EXPECT_EQ(without_plain_alerts(Bytes(handshake.begin(), handshake.end() - 1)), Bytes());
}

}  // namespace
}  // namespace patchbay::webrtc
