// SPDX-License-Identifier: Apache-2.0
// Transfers of which one side is a page (RFC 5589, RFC 3891): it is sent away, sends others away,
// or is where they are sent; and the far end of a call becomes a page, or is one no more.
#include "sip/dialog_identity.hpp"
#include "sip/header.hpp"
#include "support/registered_page.hpp"

#include <gmock/gmock.h>

namespace patchbay::test {
namespace {

using testing::HasSubstr;

class BrowserTransfer : public RegisteredPage {
  protected:
    explicit BrowserTransfer(std::optional<Milliseconds> desk_answers_after = Milliseconds(200))
        : RegisteredPage(desk_answers_after, [](WorldOptions& options) {
              options.exchange.transfers = call::TransferPolicy::Follow;
          }) {
        world.register_phone(1);
    }
    void answer_page() {
        call_page();
        reply(200);
        expect_joined();
    }
    void phone_transfers(const std::string& target,
                         const std::optional<sip::Replaces>& replaces = std::nullopt) {
        world.at_phone(
            [&](auto& phone, auto& out) {
                phone.transfer(world.now(), *sip::Uri::parse(target), replaces, out);
            },
            0);
        run(Milliseconds(500));
    }
    int transferred(std::size_t phone) {
        int status = -1;
        for (const auto& event : world.phone_events(phone)) {
            if (const auto* one = std::get_if<lab::PhoneTransferred>(&event)) {
                status = one->status;
            }
        }
        return status;
    }
    // In the dialog of the call that the page answered.
    void page_refers(const std::string& refer_to) {
        const sip::Message& call = *invite;
        send("REFER " + std::string(call.get<sip::Contact>()->uri.to_string()) +
             " SIP/2.0\r\nVia: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bKrefer\r\n"
             "Max-Forwards: 70\r\nFrom: " +
             std::string(*call.header("To")) +
             ";tag=page\r\nTo: " + std::string(*call.header("From")) +
             "\r\nCall-ID: " + std::string(*call.header("Call-ID")) +
             "\r\nCSeq: 7 REFER\r\nContact: <sip:page@df7jal23ls0d.invalid;transport=ws>\r\n"
             "Refer-To: <" +
             refer_to + ">\r\nContent-Length: 0\r\n\r\n");
        run(Seconds(1));
    }
    // Out of any dialog; as the user of the page, who proves it where he is asked.
    void page_invites(const std::string& target,
                      const std::string& body,
                      const std::string& headers = {}) {
        send("INVITE " + target +
             " SIP/2.0\r\nVia: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bKown\r\n"
             "Max-Forwards: 70\r\nFrom: <sip:page@elsewhere.example>;tag=own\r\nTo: <" +
             target +
             ">\r\nCall-ID: own\r\nCSeq: 1 INVITE\r\n"
             "Contact: <sip:page@df7jal23ls0d.invalid;transport=ws>\r\n" +
             headers + "Content-Type: application/sdp\r\nContent-Length: " +
             std::to_string(body.size()) + "\r\n\r\n" + body);
        run(Seconds(1));
        for (const std::string& one : received) {
            if (one.starts_with("SIP/2.0 200") && one.find("Call-ID: own") != std::string::npos) {
                own_answer = sip::Message::parse(std::string_view(one)).value();
            }
        }
        ASSERT_TRUE(own_answer) << received.back();
        send("ACK " + target +
             " SIP/2.0\r\nVia: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bKownack\r\n"
             "Max-Forwards: 70\r\nFrom: <sip:page@elsewhere.example>;tag=own\r\nTo: " +
             std::string(*own_answer->header("To")) +
             "\r\nCall-ID: own\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n");
    }
    void send(const std::string& message) { world.send_as(kPageSip, kServerSip, message); }
    void hang_up_phone(std::size_t phone) {
        world.at_phone([&](auto& one, auto& out) { one.hang_up(world.now(), out); }, phone);
    }

    std::optional<sip::Message> own_answer;
};

TEST_F(BrowserTransfer, APageIsSentToAPhone) {
    answer_page();
    phone_transfers("sip:phone1@192.0.2.1");
    EXPECT_EQ(transferred(0), 200);
    run(Seconds(2));
    EXPECT_NEAR(heard_by_browser(), 900, 5);
    EXPECT_NEAR(heard_by_phone(1), 1000, 5);
    EXPECT_FALSE(world.phone(0).in_call());
    hang_up_phone(1);
    run(Seconds(1));
    EXPECT_TRUE(page_heard("BYE"));
    expect_nothing_left();
}

TEST_F(BrowserTransfer, APhoneIsSentToAPage) {
    world.phone_calls("phone1", 0);
    run(Seconds(1));
    phone_transfers("sip:page@192.0.2.1");
    ASSERT_TRUE(invite) << "it does not ring";
    EXPECT_THAT(invite->text(), HasSubstr("UDP/TLS/RTP/SAVPF"));
    EXPECT_TRUE(world.phone(0).in_call()) << "nobody has answered";
    reply(200);
    run(Seconds(2));
    EXPECT_EQ(transferred(0), 200);
    EXPECT_FALSE(world.phone(0).in_call());
    EXPECT_NEAR(heard_by_browser(), 900, 5);
    EXPECT_NEAR(heard_by_phone(1), 1000, 5);
    EXPECT_EQ(world.open_ports(), 1U) << "that of the phone that is left";
    hang_up_phone(1);
    run(Seconds(1));
    EXPECT_TRUE(page_heard("BYE"));
    expect_nothing_left();
}

TEST_F(BrowserTransfer, APageThatDeclinesLeavesTheCallAsItWas) {
    world.phone_calls("phone1", 0);
    run(Seconds(1));
    phone_transfers("sip:page@192.0.2.1");
    ASSERT_TRUE(invite);
    respond(*invite, 486, {});
    run(Seconds(2));
    EXPECT_EQ(transferred(0), 486);
    EXPECT_NEAR(heard_by_phone(0), 900, 5);
    EXPECT_NEAR(heard_by_phone(1), 700, 5);
}

TEST_F(BrowserTransfer, APageSendsAPhoneToAnother) {
    answer_page();
    page_refers("sip:phone1@192.0.2.1");
    EXPECT_TRUE(page_heard("SIP/2.0 202"));
    EXPECT_TRUE(page_heard("NOTIFY"));
    EXPECT_TRUE(page_heard("BYE"));
    run(Seconds(2));
    EXPECT_NEAR(heard_by_phone(0), 900, 5);
    EXPECT_NEAR(heard_by_phone(1), 700, 5);
    EXPECT_EQ(world.open_ports(), 2U);
    hang_up_phone(1);
    expect_nothing_left();
}

TEST_F(BrowserTransfer, APageSendsAPhoneToNobodyAndGoesOn) {
    answer_page();
    page_refers("sip:nobody@nowhere.example");
    EXPECT_THAT(received.back(), HasSubstr("SIP/2.0 503"));
    expect_joined();
    EXPECT_EQ(world.open_ports(), 1U);
}

// The consultation is a call of its own (RFC 5589 7.1); its Replaces names a dialog of the server.
TEST_F(BrowserTransfer, APageBringsTheTwoTogetherWhomItTalkedTo) {
    answer_page();
    page_invites("sip:phone1@192.0.2.1",
                 "v=0\r\no=- 1 1 IN IP4 198.51.100.10\r\ns=-\r\nc=IN IP4 198.51.100.10\r\nt=0 0\r\n"
                 "m=audio 6000 RTP/AVP 0\r\n");
    ASSERT_TRUE(own_answer);
    page_refers("sip:phone1@192.0.2.1?Replaces=own%3Bto-tag%3D" +
                std::string(*own_answer->get<sip::To>()->tag()) + "%3Bfrom-tag%3Down");
    EXPECT_TRUE(page_heard("SIP/2.0 202"));
    EXPECT_THAT(received,
                testing::Contains(testing::AllOf(HasSubstr("NOTIFY"), HasSubstr("SIP/2.0 200"))));
    run(Seconds(2));
    EXPECT_NEAR(heard_by_phone(0), 900, 5);
    EXPECT_NEAR(heard_by_phone(1), 700, 5);
    EXPECT_EQ(std::ranges::count_if(received, [](auto& one) { return one.starts_with("BYE"); }), 2);
    hang_up_phone(0);
    run(Seconds(1));
    EXPECT_FALSE(world.phone(1).in_call());
    expect_nothing_left();
}

TEST_F(BrowserTransfer, ADialogThatIsGoneLeavesTheCallAsItWas) {
    answer_page();
    page_refers("sip:phone1@192.0.2.1?Replaces=own%3Bto-tag%3Dpb5.x%3Bfrom-tag%3Down");
    EXPECT_TRUE(page_heard("SIP/2.0 603"));
    expect_joined();
}

TEST_F(BrowserTransfer, APhoneTakesThePlaceOfAPage) {
    answer_page();
    const sip::Replaces page{std::string(*invite->header("Call-ID")),
                             std::string(*invite->get<sip::From>()->tag()), "page", false};
    world.at_phone(
        [&](auto& phone, auto& out) {
            EXPECT_TRUE(phone.call(world.now(), "sip:server@192.0.2.1", kServerSip, out, page));
        },
        1);
    run(Seconds(3));
    EXPECT_TRUE(page_heard("BYE"));
    EXPECT_NEAR(heard_by_phone(0), 900, 5);
    EXPECT_NEAR(heard_by_phone(1), 700, 5);
    hang_up_phone(0);
    expect_nothing_left();
}

TEST_F(BrowserTransfer, APageTakesThePlaceOfAPhone) {
    world.phone_calls("phone1", 0);
    run(Seconds(1));
    const sip::Replaces phone = world.phone(0).dialog()->as_seen_by_peer();
    page_invites("sip:server@192.0.2.1", browser.offer(true),
                 "Require: replaces\r\nReplaces: " + sip::to_string(phone) + "\r\n");
    ASSERT_TRUE(own_answer);
    EXPECT_THAT(own_answer->text(), HasSubstr("UDP/TLS/RTP/SAVPF"));
    browser.accept(world.now(), own_answer->body());
    run(Seconds(3));
    EXPECT_FALSE(world.phone(0).in_call());
    EXPECT_NEAR(heard_by_browser(), 900, 5);
    EXPECT_NEAR(heard_by_phone(1), 1000, 5);
    EXPECT_EQ(world.open_ports(), 1U);
    hang_up_phone(1);
    run(Seconds(1));
    EXPECT_TRUE(page_heard("BYE"));
    expect_nothing_left();
}

class ToAPhoneThatRingsLong : public BrowserTransfer {
  protected:
    ToAPhoneThatRingsLong() : BrowserTransfer(Seconds(5)) {}
};

// RFC 5589 6.1: a transferor need not wait for the outcome.
TEST_F(ToAPhoneThatRingsLong, APageSendsAPhoneAndIsClosedMeanwhile) {
    answer_page();
    page_refers("sip:phone1@192.0.2.1");
    browser.close(world.now());
    run(Seconds(2));
    EXPECT_TRUE(page_heard("BYE"));
    EXPECT_TRUE(world.phone(0).in_call());
    run(Seconds(5));
    EXPECT_NEAR(heard_by_phone(0), 900, 5);
    EXPECT_NEAR(heard_by_phone(1), 700, 5);
    hang_up_phone(0);
    expect_nothing_left();
}

// A user with a page and a desk phone: each rings with an offer of its own.
class TransferToUserOfTwo : public BrowserTransfer {
  protected:
    explicit TransferToUserOfTwo(std::optional<Milliseconds> desk_answers_after = std::nullopt)
        : BrowserTransfer(desk_answers_after) {
        add_phone_of_the_user();
        world.phone_calls("echo", 0);
        run(Seconds(1));
        phone_transfers("sip:page@192.0.2.1");
    }
};

TEST_F(TransferToUserOfTwo, WhosePageAnswers) {
    ASSERT_TRUE(invite);
    EXPECT_TRUE(world.phone(1).in_call()) << "it rings too";
    reply(200);
    run(Seconds(2));
    EXPECT_EQ(transferred(0), 200);
    EXPECT_FALSE(world.phone(1).in_call());
    EXPECT_NEAR(heard_by_browser(), 1000, 5);
    EXPECT_EQ(world.open_ports(), 0U);
}

class TransferToUserAtTheDesk : public TransferToUserOfTwo {
  protected:
    TransferToUserAtTheDesk() : TransferToUserOfTwo(Milliseconds(800)) {}
};

TEST_F(TransferToUserAtTheDesk, WhosePhoneAnswers) {
    run(Seconds(1));
    EXPECT_TRUE(page_heard("CANCEL"));
    respond(*invite, 487, {});
    run(Seconds(2));
    EXPECT_EQ(transferred(0), 200);
    EXPECT_NEAR(heard_by_phone(1), 900, 5);
    hang_up_phone(1);
    expect_nothing_left();
}

}  // namespace
}  // namespace patchbay::test
