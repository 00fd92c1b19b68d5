// SPDX-License-Identifier: Apache-2.0
// A user who registered with a page (RFC 7118): whoever calls him is heard over ICE, DTLS and SRTP,
// and his phones ring at the same time with an offer of their own.
#include "support/registered_page.hpp"

#include <gmock/gmock.h>

namespace patchbay::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class CalledBrowserTest : public RegisteredPage {
  protected:
    using RegisteredPage::RegisteredPage;
};

TEST_F(CalledBrowserTest, IsOfferedItsOwnTransportAndBothHearEachOther) {
    call_page();
    EXPECT_THAT(invite->text(), HasSubstr("UDP/TLS/RTP/SAVPF"));
    EXPECT_THAT(invite->text(), HasSubstr("a=setup:actpass"));
    EXPECT_THAT(invite->text(), HasSubstr("a=rtcp-mux"));
    EXPECT_THAT(invite->text(), HasSubstr("a=mid:0"));
    EXPECT_THAT(invite->text(), HasSubstr("a=group:BUNDLE 0"));
    EXPECT_THAT(invite->text(), HasSubstr("a=candidate:"));
    EXPECT_THAT(invite->text(), HasSubstr("opus/48000/2"));
    EXPECT_THAT(invite->text(), HasSubstr("Via: SIP/2.0/WS "));
    EXPECT_EQ(world.open_ports(), 0U) << "it shares the port of the browsers";
    reply(200);
    expect_joined();
    world.at_phone([&](auto& phone, auto& out) { phone.hang_up(world.now(), out); }, 0);
    run(Seconds(1));
    EXPECT_TRUE(page_heard("BYE"));
    expect_nothing_left();
}

// Of two it would use one that the answer's codec does not mean.
TEST_F(CalledBrowserTest, IsOfferedOneFormatForKeys) {
    call_page();
    EXPECT_THAT(invite->text(), HasSubstr("telephone-event/8000"));
    EXPECT_THAT(invite->text(), Not(HasSubstr("telephone-event/48000")));
}

TEST_F(CalledBrowserTest, ThatDeclinesLeavesNothingBehind) {
    call_page();
    respond(*invite, 486, {});
    run(Seconds(1));
    EXPECT_FALSE(world.phone(0).in_call());
    expect_nothing_left();
}

TEST_F(CalledBrowserTest, WhoseCallerGivesUpIsTold) {
    call_page();
    world.at_phone([&](auto& phone, auto& out) { phone.hang_up(world.now(), out); }, 0);
    run(Seconds(1));
    EXPECT_TRUE(page_heard("CANCEL"));
    respond(*invite, 487, {});
    expect_nothing_left();
}

TEST_F(CalledBrowserTest, ThatAnswersWithoutItsTransportIsHungUp) {
    call_page();
    respond(*invite, 200,
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            "m=audio 9 RTP/AVP 0\r\n");
    run(Seconds(1));
    EXPECT_TRUE(page_heard("BYE"));
    EXPECT_FALSE(world.phone(0).in_call());
    expect_nothing_left();
}

TEST_F(CalledBrowserTest, IsHeldByThePhoneAndTakenBack) {
    call_page();
    reply(200);
    expect_joined();
    direction = sdp::Direction::RecvOnly;
    world.at_phone(
        [&](auto& phone, auto& out) {
            phone.reoffer(world.now(), sdp::Direction::SendOnly, std::nullopt, out);
        },
        0);
    run(Seconds(1));
    EXPECT_THAT(invite->text(), HasSubstr("a=sendonly"));
    EXPECT_THAT(invite->text(), HasSubstr("UDP/TLS/RTP/SAVPF"));
    EXPECT_THAT(invite->text(), HasSubstr("a=mid:0"));
    EXPECT_NEAR(heard_by_browser(), 700, 5);  // his music
    run(Seconds(1));
    EXPECT_NEAR(heard_by_phone(), 0, 5);
    direction = sdp::Direction::SendRecv;
    world.at_phone(
        [&](auto& phone, auto& out) {
            phone.reoffer(world.now(), sdp::Direction::SendRecv, std::nullopt, out);
        },
        0);
    expect_joined();
}

TEST_F(CalledBrowserTest, ThatAnswersTakesTheCallFromThePhoneOfTheSameUser) {
    add_phone_of_the_user();
    call_page();
    EXPECT_TRUE(world.phone(1).in_call()) << "it rings too";
    EXPECT_EQ(world.open_ports(), 1U) << "for the phone";
    reply(200);
    run(Milliseconds(200));
    EXPECT_FALSE(world.phone(1).in_call());
    expect_joined();
    world.at_phone([&](auto& phone, auto& out) { phone.hang_up(world.now(), out); }, 0);
    expect_nothing_left();
}

class CalledBrowserAndDeskPhone : public CalledBrowserTest {
  protected:
    CalledBrowserAndDeskPhone() : CalledBrowserTest(Milliseconds(500)) {}
};

TEST_F(CalledBrowserAndDeskPhone, ThePhoneThatAnswersTakesTheCallFromThePage) {
    add_phone_of_the_user();
    call_page();
    run(Seconds(2));
    EXPECT_TRUE(page_heard("CANCEL"));
    respond(*invite, 487, {});
    run(Seconds(1));
    EXPECT_NEAR(heard_by_phone(0), 900, 5);
    EXPECT_NEAR(heard_by_phone(1), 700, 5);
    world.at_phone([&](auto& phone, auto& out) { phone.hang_up(world.now(), out); }, 0);
    expect_nothing_left();
}

}  // namespace
}  // namespace patchbay::test
