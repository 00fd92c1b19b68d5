// SPDX-License-Identifier: Apache-2.0
// One agent and a peer, or somebody who claims to be one, written by hand.
#include "support/manual_clock.hpp"
#include "webrtc/ice/agent.hpp"
#include "webrtc/limits.hpp"
#include "webrtc/stun/writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace patchbay::webrtc {
namespace {

SocketAddress address(std::string_view text) {
    return *SocketAddress::parse(text);
}

class IceSecurity : public testing::Test {
  protected:
    explicit IceSecurity(IceRole role = IceRole::Controlled) : agent({.role = role}, random) {
        EXPECT_TRUE(agent.add_local_candidate(clock.now(), make_host_candidate(here, 65535), out));
    }

    void describe_peer() {
        EXPECT_TRUE(agent.handle_description(clock.now(), {peer, false, {}}, out));
        out = {};
    }
    Bytes check(bool use_candidate = false, std::uint32_t priority = 1000) {
        return CheckRequest{priority, IceRole::Controlling, 5, use_candidate}.write(
            make_transaction_id(random), peer, agent.credentials());
    }
    void receive(const Bytes& datagram, std::optional<SocketAddress> from = {}) {
        out = {};
        agent.handle_packet(clock.now(), {here, from.value_or(there)}, datagram, out);
    }
    // The code of the one error that went out, 0 for a success, nothing for silence.
    std::optional<int> answer() const {
        for (const IceTransmit& transmit : out.transmits) {
            const auto message = StunMessage::parse(transmit.packet);
            EXPECT_TRUE(message);
            if (message->message_class() == StunClass::Success) {
                return 0;
            }
            if (message->message_class() == StunClass::Error) {
                return message->error()->code;
            }
        }
        return std::nullopt;
    }
    // Lets the agent send its next check and returns it.
    Bytes next_check() {
        out = {};
        clock.advance_to(std::max(clock.now(), agent.next_timeout().value_or(clock.now())));
        agent.handle_timeout(clock.now(), out);
        EXPECT_EQ(out.transmits.size(), 1U);
        return out.transmits.empty() ? Bytes{} : out.transmits.front().packet;
    }
    Bytes success_to(const Bytes& request, const IceCredentials& signer) {
        return write_check_success(*StunMessage::parse(request), here, signer);
    }
    void expect_untouched() const {
        EXPECT_TRUE(out.events.empty());
        EXPECT_FALSE(agent.is_proven({here, there}));
        EXPECT_FALSE(agent.selected_path());
        EXPECT_EQ(agent.statistics().requests, 0U);
    }

    SeededRandom random{1};
    test::ManualClock clock;
    SocketAddress here = address("198.51.100.20:6000");
    SocketAddress there = address("192.0.2.10:5000");
    IceCredentials peer{"peer", "passwordofthepeerpasswor"};
    IceOutputs out;
    IceAgent agent;
};

class IceSecurityControlling : public IceSecurity {
  protected:
    IceSecurityControlling() : IceSecurity(IceRole::Controlling) {}
};

TEST_F(IceSecurity, AGenuineCheckIsAnsweredAndTriggersOurs) {
    describe_peer();
    receive(check());
    EXPECT_EQ(answer(), 0);
    EXPECT_TRUE(agent.is_proven({here, there}));
    const auto ours = next_check();
    EXPECT_TRUE(StunMessage::parse(ours)->verify(as_bytes(peer.password)));
}

// CVE-2026-116790: checks were accepted without MESSAGE-INTEGRITY.
TEST_F(IceSecurity, ACheckWithoutIntegrityChangesNothing) {
    describe_peer();
    receive(StunWriter(StunClass::Request, StunMethod::Binding, make_transaction_id(random))
                .text(StunAttribute::Username, agent.credentials().ufrag + ":peer")
                .number(StunAttribute::Priority, 1)
                .long_number(StunAttribute::IceControlling, 1)
                .flag(StunAttribute::UseCandidate)
                .finish());
    EXPECT_EQ(answer(), 400);
    expect_untouched();
}

TEST_F(IceSecurity, ACheckSignedWithAnotherPasswordChangesNothing) {
    describe_peer();
    const IceCredentials guessed{agent.credentials().ufrag, std::string(32, 'x')};
    receive(CheckRequest{1, IceRole::Controlling, 1, true}.write(make_transaction_id(random), peer,
                                                                 guessed));
    EXPECT_EQ(answer(), 401);
    expect_untouched();
}

TEST_F(IceSecurity, ACheckSignedWithThePeersOwnPasswordChangesNothing) {
    describe_peer();
    const IceCredentials swapped{agent.credentials().ufrag, peer.password};
    receive(CheckRequest{1, IceRole::Controlling, 1, true}.write(make_transaction_id(random), peer,
                                                                 swapped));
    EXPECT_EQ(answer(), 401);
    expect_untouched();
}

TEST_F(IceSecurity, ACheckForSomebodyElseChangesNothing) {
    describe_peer();
    const IceCredentials other{"other", agent.credentials().password};
    receive(CheckRequest{1, IceRole::Controlling, 1, true}.write(make_transaction_id(random), peer,
                                                                 other));
    EXPECT_EQ(answer(), 401);
    expect_untouched();
}

TEST_F(IceSecurity, ACheckWithoutUsernameChangesNothing) {
    describe_peer();
    receive(StunWriter(StunClass::Request, StunMethod::Binding, make_transaction_id(random))
                .number(StunAttribute::Priority, 1)
                .finish(as_bytes(agent.credentials().password)));
    EXPECT_EQ(answer(), 400);
    expect_untouched();
}

TEST_F(IceSecurity, ACheckWithoutFingerprintIsNotForUs) {
    describe_peer();
    Bytes datagram = check();
    datagram.resize(datagram.size() - 8);
    store_be16(datagram.data() + 2, static_cast<std::uint16_t>(datagram.size() - 20));
    receive(datagram);
    EXPECT_EQ(answer(), std::nullopt);
    expect_untouched();
}

// CVE-2022-26143 taught it: nobody gets more than he sent without proof.
TEST_F(IceSecurity, AStrangerNeverGetsMoreThanHeSent) {
    describe_peer();
    for (std::size_t length = 0; length <= 40; ++length) {
        const Bytes request =
            StunWriter(StunClass::Request, StunMethod::Binding, make_transaction_id(random))
                .text(StunAttribute::Software, std::string(length, 'x'))
                .finish();
        receive(request);
        for (const IceTransmit& transmit : out.transmits) {
            EXPECT_LE(transmit.packet.size(), request.size());
        }
    }
}

TEST_F(IceSecurity, ToAnAddressThatIsNotOursNothingIsAnswered) {
    describe_peer();
    out = {};
    agent.handle_packet(clock.now(), {address("198.51.100.99:1"), there}, check(), out);
    EXPECT_TRUE(out.transmits.empty());
}

TEST_F(IceSecurity, AnAttributeThatMustBeUnderstoodIsAnswered420) {
    describe_peer();
    receive(StunWriter(StunClass::Request, StunMethod::Binding, make_transaction_id(random))
                .text(StunAttribute::Username, agent.credentials().ufrag + ":peer")
                .number(StunAttribute::Priority, 1)
                .long_number(StunAttribute::IceControlling, 1)
                .number(static_cast<StunAttribute>(0x7FFE), 1)
                .finish(as_bytes(agent.credentials().password)));
    EXPECT_EQ(answer(), 420);
    EXPECT_FALSE(agent.is_proven({here, there}));
}

TEST_F(IceSecurity, AGenuineCheckThatIsIncompleteIsAnswered400) {
    describe_peer();
    const auto written = [&](auto&& complete) {
        StunWriter writer(StunClass::Request, StunMethod::Binding, make_transaction_id(random));
        writer.text(StunAttribute::Username, agent.credentials().ufrag + ":peer");
        complete(writer);
        return writer.finish(as_bytes(agent.credentials().password));
    };
    receive(written([](StunWriter& w) { w.long_number(StunAttribute::IceControlling, 1); }));
    EXPECT_EQ(answer(), 400);
    receive(written([](StunWriter& w) { w.number(StunAttribute::Priority, 1); }));
    EXPECT_EQ(answer(), 400);
    receive(written([](StunWriter& w) {
        w.number(StunAttribute::Priority, 1)
            .long_number(StunAttribute::IceControlling, 1)
            .long_number(StunAttribute::IceControlled, 1);
    }));
    EXPECT_EQ(answer(), 400);
    EXPECT_FALSE(agent.is_proven({here, there}));
}

TEST_F(IceSecurity, AForgedSuccessDoesNotMakeAPath) {
    describe_peer();
    receive(check(true));
    const Bytes ours = next_check();
    receive(success_to(ours, {"peer", std::string(32, 'x')}));
    receive(
        StunWriter(StunClass::Success, StunMethod::Binding, StunMessage::parse(ours)->transaction())
            .address(StunAttribute::XorMappedAddress, here)
            .finish());
    EXPECT_FALSE(agent.selected_path());
    receive(success_to(ours, peer));
    EXPECT_TRUE(agent.selected_path());
}

// RFC 8445 7.2.5.2.1.
TEST_F(IceSecurity, ASuccessThatComesFromElsewhereDoesNotMakeAPath) {
    describe_peer();
    receive(check(true));
    const Bytes ours = next_check();
    receive(success_to(ours, peer), address("192.0.2.66:5000"));
    EXPECT_FALSE(agent.selected_path());
}

TEST_F(IceSecurity, ASuccessCountsOnce) {
    describe_peer();
    receive(check(true));
    const Bytes ours = next_check();
    receive(success_to(ours, peer));
    receive(success_to(ours, peer));
    EXPECT_EQ(agent.statistics().stray, 1U);
    EXPECT_TRUE(out.events.empty());
}

TEST_F(IceSecurity, ASuccessWithoutMappedAddressMakesNoPath) {
    describe_peer();
    receive(check(true));
    const auto ours = next_check();
    receive(
        StunWriter(StunClass::Success, StunMethod::Binding, StunMessage::parse(ours)->transaction())
            .finish(as_bytes(peer.password)));
    EXPECT_FALSE(agent.selected_path());
}

TEST_F(IceSecurity, AnErrorWithoutSignatureDoesNotEndACheck) {
    describe_peer();
    receive(check(true));
    const Bytes ours = next_check();
    receive(write_unsigned_error(*StunMessage::parse(ours), 400));
    receive(write_unsigned_error(*StunMessage::parse(ours), 487));
    EXPECT_EQ(agent.role(), IceRole::Controlled);
    receive(success_to(ours, peer));
    EXPECT_TRUE(agent.selected_path());
}

TEST_F(IceSecurity, ASignedErrorEndsTheCheck) {
    describe_peer();
    receive(check(true));
    const Bytes ours = next_check();
    receive(write_check_error(*StunMessage::parse(ours), 400, peer));
    receive(success_to(ours, peer));
    EXPECT_FALSE(agent.selected_path());
}

TEST_F(IceSecurity, AForgedAnswerDoesNotGiveConsent) {
    describe_peer();
    receive(check(true));
    receive(success_to(next_check(), peer));
    ASSERT_TRUE(agent.selected_path());
    while (agent.selected_path()) {
        out = {};
        clock.advance_to(*agent.next_timeout());
        agent.handle_timeout(clock.now(), out);
        const auto sent = out.transmits;
        for (const IceTransmit& request : sent) {
            receive(success_to(request.packet, {"peer", std::string(32, 'x')}));
        }
    }
    EXPECT_EQ(agent.state(), IceState::Failed);
    EXPECT_LE(clock.elapsed(), limits::kConsentLifetime + Seconds(1));
}

TEST_F(IceSecurity, EarlyChecksAreBounded) {
    for (std::uint16_t port = 1; port <= 1000; ++port) {
        receive(check(true), SocketAddress{there.ip, port});
        EXPECT_EQ(answer(), 0);
    }
    describe_peer();
    EXPECT_FALSE(agent.is_proven({here, {there.ip, 1000}}));
}

TEST_F(IceSecurity, RevealedAddressesAreBounded) {
    describe_peer();
    std::size_t proven = 0;
    for (std::uint16_t port = 1; port <= 1000; ++port) {
        receive(check(), SocketAddress{there.ip, port});
        proven += agent.is_proven({here, {there.ip, port}}) ? 1U : 0U;
    }
    EXPECT_EQ(proven, limits::kRemoteCandidates);
}

TEST_F(IceSecurity, NoiseIsCountedAndNothingElse) {
    describe_peer();
    const Bytes genuine = check(true);
    for (std::size_t size = 0; size < genuine.size(); ++size) {
        receive(Bytes(genuine.begin(), genuine.begin() + static_cast<std::ptrdiff_t>(size)));
        EXPECT_TRUE(out.transmits.empty());
    }
    EXPECT_EQ(agent.statistics().malformed, genuine.size());
    expect_untouched();
}

TEST_F(IceSecurity, OtherMethodsThanBindingAreNotForUs) {
    describe_peer();
    receive(StunWriter(StunClass::Request, StunMethod::Allocate, make_transaction_id(random))
                .finish(as_bytes(agent.credentials().password)));
    EXPECT_TRUE(out.transmits.empty());
    EXPECT_EQ(agent.statistics().malformed, 1U);
}

TEST_F(IceSecurity, AnIndicationIsAKeepaliveWithoutAnswer) {
    describe_peer();
    receive(StunWriter(StunClass::Indication, StunMethod::Binding, make_transaction_id(random))
                .finish());
    EXPECT_TRUE(out.transmits.empty());
    expect_untouched();
}

// RFC 8445 7.3.1.1: whose tie-breaker is larger controls.
TEST_F(IceSecurityControlling, AConflictThatWeWinIsAnswered487) {
    describe_peer();
    receive(CheckRequest{1, IceRole::Controlling, 0, false}.write(make_transaction_id(random), peer,
                                                                  agent.credentials()));
    EXPECT_EQ(answer(), 487);
    EXPECT_EQ(agent.role(), IceRole::Controlling);
    EXPECT_FALSE(agent.is_proven({here, there}));
}

TEST_F(IceSecurityControlling, AConflictThatWeLoseChangesOurRole) {
    describe_peer();
    receive(CheckRequest{1, IceRole::Controlling, UINT64_MAX, false}.write(
        make_transaction_id(random), peer, agent.credentials()));
    EXPECT_EQ(answer(), 0);
    EXPECT_EQ(agent.role(), IceRole::Controlled);
}

TEST_F(IceSecurity, AConflictOfTwoControlledWhichWeWinChangesOurRole) {
    describe_peer();
    receive(CheckRequest{1, IceRole::Controlled, 0, false}.write(make_transaction_id(random), peer,
                                                                 agent.credentials()));
    EXPECT_EQ(answer(), 0);
    EXPECT_EQ(agent.role(), IceRole::Controlling);
}

TEST_F(IceSecurity, AConflictOfTwoControlledWhichWeLoseIsAnswered487) {
    describe_peer();
    receive(CheckRequest{1, IceRole::Controlled, UINT64_MAX, false}.write(
        make_transaction_id(random), peer, agent.credentials()));
    EXPECT_EQ(answer(), 487);
    EXPECT_EQ(agent.role(), IceRole::Controlled);
}

TEST_F(IceSecurity, AfterA487TheCheckIsSentInTheOtherRole) {
    describe_peer();
    receive(check());
    const Bytes ours = next_check();
    EXPECT_TRUE(StunMessage::parse(ours)->has(StunAttribute::IceControlled));
    receive(write_check_error(*StunMessage::parse(ours), 487, peer));
    EXPECT_EQ(agent.role(), IceRole::Controlling);
    const Bytes again = next_check();
    EXPECT_TRUE(StunMessage::parse(again)->has(StunAttribute::IceControlling));
}

// What an agent of RFC 5245 does: it nominates whatever works, and the best of them counts.
class IceNomination : public IceSecurity {
  protected:
    // The peer's check on this path, with USE-CANDIDATE, and our successful check back.
    void nominate(const SocketAddress& from, std::uint32_t priority) {
        describe_peer();
        receive(check(true, priority), from);
        if (agent.selected_path() != IcePath{here, from} && agent.next_timeout()) {
            const auto ours = next_check();
            receive(success_to(ours, peer), from);
        }
    }

    SocketAddress relay = address("203.0.113.5:9999");
};

TEST_F(IceNomination, ABetterPathReplacesTheSelectedOne) {
    nominate(relay, 10);
    EXPECT_EQ(agent.selected_path()->remote, relay);
    nominate(there, 2000000000);
    EXPECT_EQ(agent.selected_path()->remote, there);
}

TEST_F(IceNomination, AWorsePathDoesNotWhileTheSelectedOneIsAlive) {
    nominate(there, 2000000000);
    nominate(relay, 10);
    EXPECT_EQ(agent.selected_path()->remote, there);
}

TEST_F(IceNomination, AWorsePathDoesWhenTheSelectedOneIsMute) {
    nominate(there, 2000000000);
    nominate(relay, 10);
    clock.advance(limits::kStalePath);
    receive(check(true, 10), relay);
    EXPECT_EQ(agent.selected_path()->remote, relay);
}

}  // namespace
}  // namespace patchbay::webrtc
