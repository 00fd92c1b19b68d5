// SPDX-License-Identifier: Apache-2.0
// Transfers in each part: RFC 5359 2.4 and 2.5, RFC 5589, with what goes wrong; and call pickup
// (RFC 5359 2.16) by Replaces.
#include "support/call_flow.hpp"

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;

class TransferFlow : public CallFlow {
  protected:
    void follow_transfers() {
        WorldOptions options;
        options.exchange.transfers = TransferPolicy::Follow;
        begin(std::move(options));
    }
    void transfer(SessionKey call, std::string callee) {
        command::Transfer transfer;
        transfer.callee = std::move(callee);
        world().command(call, transfer);
        world().run(Seconds(3));
    }
    void transfer_by_phone(std::size_t phone,
                           sip::Uri target,
                           const std::optional<sip::Replaces>& replaces = std::nullopt) {
        at_phone(phone, [&](auto& engine, Instant now, auto& out) {
            engine.transfer(now, target, replaces, out);
        });
        world().run(Seconds(3));
    }
    int transferred(std::size_t phone) {
        int status = -1;
        for (const auto& event : world().phone_events(phone)) {
            if (const auto* one = std::get_if<lab::PhoneTransferred>(&event)) {
                status = one->status;
            }
        }
        return status;
    }
    static sip::Uri uri(std::string_view text) { return *sip::Uri::parse(text); }
};

// We are the transferor.

TEST_F(TransferFlow, BlindWeSendTheOtherAway) {  // RFC 5359 2.4
    const SessionKey call = dial_and_answer();
    transfer(call, World::phone_uri(1));
    EXPECT_EQ(world().all<event::Hangup>(call).front().reason, "transferred");
    world().run(Seconds(2));
    EXPECT_NEAR(heard_by_phone(0), kCarolTone, 2);
    EXPECT_NEAR(heard_by_phone(1), kBobTone, 2);
    hang_up_phone(1);
    expect_ladder("rfc5359_2_4_we_transfer");
}

TEST_F(TransferFlow, BlindToABusyPhoneTheCallSurvives) {
    begin({.phones = {{}, {.reject = sip::Rejection{486, {}, {}}}}});
    const SessionKey call = dial_and_answer();
    transfer(call, World::phone_uri(1));
    EXPECT_EQ(world().all<event::Error>(call).back().code, 486);
    expect_tones(call);
    hang_up(call);
    expect_ladder("transfer_target_busy");
}

TEST_F(TransferFlow, RefusedTheCallSurvives) {
    begin({.phones = {{.follow_transfers = false}, {}}});
    const SessionKey call = dial_and_answer();
    transfer(call, World::phone_uri(1));
    EXPECT_EQ(world().all<event::Error>(call).back().code, 603);
    expect_tones(call);
    hang_up(call);
    expect_ladder("transfer_refused");
}

TEST_F(TransferFlow, SilenceAfterTheReferIsReported) {
    const SessionKey call = dial_and_answer();
    world().drop = [](const Datagram& datagram) { return datagram.bytes.starts_with("NOTIFY"); };
    transfer(call, "sip:nobody@192.0.2.77");
    world().run(Seconds(35));
    EXPECT_EQ(world().all<event::Error>(call).back().code, 408);
    EXPECT_FALSE(world().happened(call, "hangup"));
    hang_up(call);
    world().drop = nullptr;
    world().run(Seconds(200));
}

TEST_F(TransferFlow, HungUpInTheMiddleTheOutcomeReachesNobody) {
    begin({.phones = {{}, {.answer_after = Seconds(4)}}});
    const SessionKey call = dial_and_answer();
    transfer(call, World::phone_uri(1));
    hang_up(call);
    world().run(Seconds(4));
    EXPECT_NEAR(heard_by_phone(0), kCarolTone, 2);  // bob goes on without us
    hang_up_phone(0);
    expect_ladder("transfer_hung_up_meanwhile");
}

TEST_F(TransferFlow, AttendedWeJoinTheTwo) {  // RFC 5359 2.5
    const SessionKey bob = dial_and_answer(0, "bob");
    world().command(bob, command::Hold{});
    world().run(Seconds(1));
    const SessionKey carol = dial_and_answer(1, "carol");
    command::Transfer transfer;
    transfer.target_session_id = SessionId("carol");
    world().command(bob, transfer);
    world().run(Seconds(3));
    EXPECT_EQ(world().all<event::Hangup>(bob).front().reason, "transferred");
    EXPECT_TRUE(world().happened(carol, "hangup"));  // carol's phone left us for bob
    EXPECT_NEAR(heard_by_phone(0), kCarolTone, 2);
    EXPECT_NEAR(heard_by_phone(1), kBobTone, 2);
    hang_up_phone(0);
    expect_ladder("rfc5359_2_5_we_transfer");
}

TEST_F(TransferFlow, AttendedToACallThatIsGoneTheCallSurvives) {
    const SessionKey call = dial_and_answer();
    command::Transfer transfer;
    transfer.target_session_id = SessionId("nobody");
    world().command(call, transfer);
    EXPECT_TRUE(world().happened(call, "error"));
    expect_tones(call);
    hang_up(call);
}

// We are the transferee.

TEST_F(TransferFlow, AskedToGoElsewhereWeRefuseUnlessConfigured) {
    const SessionKey call = dial_and_answer();
    transfer_by_phone(0, uri(World::phone_uri(1)));
    ASSERT_TRUE(world().happened(call, "transferRequest"));
    const auto asked = world().all<event::TransferRequest>(call).front();
    EXPECT_EQ(asked.refer_to, World::phone_uri(1));
    EXPECT_EQ(asked.referred_by, "sip:phone0@192.0.2.10");
    EXPECT_EQ(transferred(0), 603);
    expect_tones(call);
    hang_up(call);
    expect_ladder("transfer_we_refuse");
}

TEST_F(TransferFlow, BlindWeGoElsewhere) {
    follow_transfers();
    const SessionKey call = dial_and_answer();
    transfer_by_phone(0, uri(World::phone_uri(1)));
    EXPECT_EQ(transferred(0), 200);
    expect_tones(call, 1);
    EXPECT_FALSE(world().phone(0).in_call());
    hang_up(call);
    expect_ladder("rfc5359_2_4_we_are_transferred");
}

TEST_F(TransferFlow, BlindToABusyPhoneWeStay) {
    WorldOptions options{.phones = {{}, {.reject = sip::Rejection{486, {}, {}}}}};
    options.exchange.transfers = TransferPolicy::Follow;
    begin(std::move(options));
    const SessionKey call = dial_and_answer();
    transfer_by_phone(0, uri(World::phone_uri(1)));
    EXPECT_EQ(transferred(0), 486);
    expect_tones(call, 0);
    hang_up(call);
    expect_ladder("transferred_to_a_busy_phone");
}

// RFC 5589 6.1: a transferor need not wait for the outcome.
TEST_F(TransferFlow, TheTransferorHangsUpWhileItRingsAndWeGoOn) {
    WorldOptions options{.phones = {{}, {.answer_after = Seconds(5)}}};
    options.exchange.transfers = TransferPolicy::Follow;
    begin(std::move(options));
    const SessionKey call = dial_and_answer();
    transfer_by_phone(0, uri(World::phone_uri(1)));
    hang_up_phone(0);
    world().run(Seconds(3));
    expect_tones(call, 1);
    hang_up(call);
    expect_ladder("transferor_leaves_while_it_rings");
}

TEST_F(TransferFlow, TheTransferorHangsUpAndNobodyAnswersSoTheCallEnds) {
    WorldOptions options{
        .phones = {{}, {.answer_after = Seconds(5), .reject = sip::Rejection{486, {}, {}}}}};
    options.exchange.transfers = TransferPolicy::Follow;
    begin(std::move(options));
    const SessionKey call = dial_and_answer();
    transfer_by_phone(0, uri(World::phone_uri(1)));
    hang_up_phone(0);
    world().run(Seconds(3));
    EXPECT_EQ(world().history(call).ended->status, 486);
    expect_ladder("transferor_leaves_and_the_target_is_busy");
}

TEST_F(TransferFlow, ToANumberThatIsDeniedNobodyIsCalled) {
    WorldOptions options;
    options.exchange.transfers = TransferPolicy::Follow;
    options.exchange.services.denied_prefixes = {"0900"};
    RouteTable::Settings table;
    table.routes = {{.name = "out",
                     .callee = Pattern::compile("0.*").value(),
                     .destination = ToTrunk{{"carrier"}}}};
    options.exchange.routes = std::make_shared<const RouteTable>(std::move(table));
    Trunk carrier;
    carrier.name = "carrier";
    carrier.addresses = {{"192.0.2.11", 0, sip::Transport::Udp}};
    options.exchange.services.gate.trunks = std::make_shared<const Trunks>(Trunks{carrier});
    options.exchange.services.gate.hosts = {"192.0.2.1"};
    begin(std::move(options));
    const SessionKey call = dial_and_answer();
    transfer_by_phone(0, uri("sip:09001234@192.0.2.1"));
    EXPECT_EQ(transferred(0), 403);
    EXPECT_FALSE(world().phone(1).in_call());
    expect_tones(call, 0);
    transfer_by_phone(0, uri("sip:030123@192.0.2.1"));  // by the same trunk, and allowed
    EXPECT_EQ(transferred(0), 200);
    expect_tones(call, 1);
    hang_up(call);
    expect_ladder("transferred_by_the_routes");
}

TEST_F(TransferFlow, WhoeverIsNamedByHostIsLookedUp) {
    follow_transfers();
    world().add_host("carol.example", IpAddress::v4(192, 0, 2, 11));
    const SessionKey call = dial_and_answer();
    transfer_by_phone(0, uri("sip:carol@carol.example"));
    EXPECT_EQ(transferred(0), 200);
    expect_tones(call, 1);
    transfer_by_phone(1, uri("sip:nobody@nowhere.example"));
    EXPECT_EQ(transferred(1), 503);
    expect_tones(call, 1);
    hang_up(call);
    expect_ladder("transferred_to_a_host_name");
}

// We are the target.

TEST_F(TransferFlow, BlindSomebodyIsSentToUs) {
    at_phone(0, [](auto& phone, Instant now, auto& out) {
        ASSERT_TRUE(
            phone.call(now, "sip:phone1@192.0.2.11", {IpAddress::v4(192, 0, 2, 11), 5060}, out));
    });
    world().run(Seconds(2));
    transfer_by_phone(0, uri("sip:tone@192.0.2.1"));
    EXPECT_EQ(transferred(0), 200);
    world().run(Seconds(1));
    EXPECT_NEAR(heard_by_phone(1), kServerTone, 2);
    hang_up_phone(0);
    hang_up_phone(1);
    expect_ladder("rfc5359_2_4_we_are_the_target");
}

TEST_F(TransferFlow, AttendedSomebodyTakesThePlaceOfTheOther) {
    const SessionKey call = dial_and_answer();
    const auto replaces = world().phone(0).dialog()->as_seen_by_peer();
    add_stranger();
    const std::string offer = sdp();
    world().send_as(stranger(), server(),
                    "INVITE sip:server@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP "
                    "192.0.2.60;branch=z9hG4bKr\r\nMax-Forwards: 70\r\nFrom: "
                    "<sip:dave@192.0.2.60>;tag=dave\r\nTo: <sip:server@192.0.2.1>\r\nCall-ID: "
                    "replacing\r\nCSeq: 1 INVITE\r\nContact: <sip:dave@192.0.2.60>\r\nRequire: "
                    "replaces\r\nReplaces: " +
                        sip::to_string(replaces) +
                        "\r\nContent-Type: application/sdp\r\nContent-Length: " +
                        std::to_string(offer.size()) + "\r\n\r\n" + offer);
    world().run(Milliseconds(200));
    ASSERT_FALSE(received_.empty());
    const std::string to(*received_.back().header("To"));
    world().send_as(stranger(), server(),
                    "ACK sip:server@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP "
                    "192.0.2.60;branch=z9hG4bKa\r\nMax-Forwards: 70\r\nFrom: "
                    "<sip:dave@192.0.2.60>;tag=dave\r\nTo: " +
                        to + "\r\nCall-ID: replacing\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n");
    world().run(Seconds(1));
    EXPECT_FALSE(world().phone(0).in_call());
    expect_stranger_tones(call);
    on_message_ = [this](const sip::Message& message) {
        if (message.method() == sip::Method::Bye) {
            reply(message, {});
        }
    };
    hang_up(call);
    expect_ladder("rfc5359_2_5_we_are_the_target");
}

// RFC 5359 2.16: a phone that rings elsewhere is picked up.
TEST_F(TransferFlow, ACallThatRingsIsPickedUpByAnother) {
    begin({.phones = {{.answer_after = std::nullopt}, {}}});
    const SessionKey call = dial();
    world().run(Seconds(1));
    std::string early;
    for (const auto& [at, datagram] : world().wire()) {
        early = datagram.bytes.starts_with("SIP/2.0 180") ? datagram.bytes : early;
    }
    const auto ringing = sip::Message::parse(early);
    const sip::Replaces replaces{std::string(*ringing->header("Call-ID")),
                                 std::string(*ringing->get<sip::From>()->tag()),
                                 std::string(*ringing->get<sip::To>()->tag()), true};
    at_phone(1, [&](auto& phone, Instant now, auto& out) {
        ASSERT_TRUE(phone.call(now, "sip:server@192.0.2.1", server(), out, replaces));
    });
    world().run(Seconds(3));
    EXPECT_TRUE(world().happened(call, "answer"));
    EXPECT_FALSE(world().phone(0).in_call());
    expect_tones(call, 1);
    hang_up(call);
    expect_ladder("rfc5359_2_16_pickup");
}

}  // namespace
}  // namespace patchbay::test
