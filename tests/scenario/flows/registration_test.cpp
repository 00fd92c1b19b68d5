// SPDX-License-Identifier: Apache-2.0
// The registrations of RFC 3665 section 2: phones at our registrar, and this server at another's.
#include "sip/digest.hpp"
#include "sip/digest_server.hpp"
#include "support/call_flow.hpp"

namespace patchbay::test {
namespace {

using namespace call;
using testing::IsEmpty;
using testing::SizeIs;

class RegistrationFlow : public CallFlow {
  protected:
    // Bob's and carol's phones are those of one family.
    void begin_registrar(const std::string& password = "secret") {
        WorldOptions options{.phone_password = password, .phone_user = "family"};
        auto accounts = std::make_shared<sip::DigestAccounts>();
        accounts->emplace("family", sip::DigestSecret::of("family", "home", "secret"));
        RouteTable::Settings table;
        table.users.insert("family");
        options.exchange.routes = std::make_shared<const RouteTable>(std::move(table));
        ServicesConfig& services = options.exchange.services;
        services.gate.accounts = std::move(accounts);
        services.gate.digest.realm = "home";
        services.gate.hosts = {"192.0.2.1"};
        services.locations = &locations_;
        begin(std::move(options));
    }
    // This server is registered at the stranger.
    void begin_client() {
        WorldOptions options;
        options.exchange.services.accounts = {
            {.name = "line",
             .registrar = *sip::Uri::parse("sip:192.0.2.60"),
             .address_of_record = *sip::Uri::parse("sip:4930@192.0.2.60"),
             .contact_user = "4930",
             .servers = {},
             .expires = Seconds(600),
             .credentials = sip::Credentials{
                 .username = "4930", .password = Secret<std::string>("secret"), .realm = {}}}};
        begin(std::move(options));
        add_stranger("proxy");
    }
    void start() {
        Effects effects;
        world().exchange().start_accounts(world().now(), effects);
        world().perform(std::move(effects));
        world().run(Seconds(1));
    }
    void stop() {
        Effects effects;
        world().exchange().stop_accounts(world().now(), effects);
        world().perform(std::move(effects));
        world().run(Seconds(1));
    }
    void accept_registrations() {
        on_message_ = [this](const sip::Message& message) {
            if (message.header("Authorization")) {
                reply(message, {.tag = "r",
                                .headers = {{"Contact", std::string(*message.header("Contact"))},
                                            {"Expires", "600"}}});
            } else {
                reply(message, challenge(401));
            }
        };
    }
    static Reply challenge(int status) {
        return {.status = status,
                .tag = "r",
                .headers = {{"WWW-Authenticate", "Digest realm=\"atlanta\", nonce=\"n\""}}};
    }
    std::size_t bindings() { return locations_.find("family", world().now())->size(); }
    AccountStatus account() { return world().exchange().accounts(world().now()).front(); }

    sip::Locations locations_;
};

// 2.1 Successful New Registration

TEST_F(RegistrationFlow, Section21APhoneRegisters) {
    begin_registrar();
    world().register_phone(0);
    EXPECT_EQ(bindings(), 1U);
    expect_ladder("rfc3665_2_1_registrar");
}

TEST_F(RegistrationFlow, Section21WeRegister) {
    begin_client();
    accept_registrations();
    start();
    EXPECT_EQ(account().state, sip::Registration::State::Registered);
    expect_ladder("rfc3665_2_1_client");
}

// 2.2 Update of Contact List

TEST_F(RegistrationFlow, Section22ASecondPhoneIsAdded) {
    begin_registrar();
    world().register_phone(0);
    world().register_phone(1);
    EXPECT_EQ(bindings(), 2U);
    expect_ladder("rfc3665_2_2_registrar");
}

TEST_F(RegistrationFlow, Section22WeRefreshBeforeItRunsOut) {
    begin_client();
    accept_registrations();
    start();
    world().run(Seconds(599));
    EXPECT_EQ(account().state, sip::Registration::State::Registered);
    expect_ladder("rfc3665_2_2_client_refreshes");
}

// 2.3 Request for Current Contact List

TEST_F(RegistrationFlow, Section23TheListIsToldToWhoAsks) {
    begin_registrar();
    world().register_phone(0);
    add_stranger("carol");
    sip::DigestClient digest(
        {.username = "family", .password = Secret<std::string>("secret"), .realm = {}});
    const auto query = [](int sequence, const std::string& credentials) {
        const std::string number = std::to_string(sequence);
        return "REGISTER sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.60;branch=z9hG4bKq" +
               number +
               "\r\nMax-Forwards: 70\r\nFrom: <sip:family@192.0.2.1>;tag=q\r\nTo: "
               "<sip:family@192.0.2.1>\r\nCall-ID: query\r\nCSeq: " +
               number + " REGISTER\r\n" + credentials + "Content-Length: 0\r\n\r\n";
    };
    const auto asked = sip::Message::parse(query(1, ""));
    world().send_as(stranger(), server(), query(1, ""));
    world().run(Milliseconds(100));
    ASSERT_THAT(received_, SizeIs(1));
    const auto credentials = digest.answer(*asked, received_.back(), world().random());
    ASSERT_TRUE(credentials);
    world().send_as(
        stranger(), server(),
        query(2, credentials->front().name + ": " + credentials->front().value + "\r\n"));
    world().run(Milliseconds(100));
    ASSERT_THAT(received_, SizeIs(2));
    EXPECT_EQ(received_.back().status(), 200);
    EXPECT_EQ(received_.back().count(sip::HeaderId::Contact), 1U);
    EXPECT_EQ(bindings(), 1U);
    expect_ladder("rfc3665_2_3_registrar");
}

// 2.4 Cancellation of Registration

TEST_F(RegistrationFlow, Section24APhoneSignsOff) {
    begin_registrar();
    world().register_phone(0);
    at_phone(0, [](auto& phone, Instant now, auto& out) { phone.sign_off(now, out); });
    world().run(Seconds(1));
    EXPECT_EQ(bindings(), 0U);
    expect_ladder("rfc3665_2_4_registrar");
}

TEST_F(RegistrationFlow, Section24WeTakeOurBindingBack) {
    begin_client();
    accept_registrations();
    start();
    stop();
    ASSERT_NE(latest(sip::Method::Register), nullptr);
    EXPECT_EQ(latest(sip::Method::Register)->header("Expires"), "0");
    expect_ladder("rfc3665_2_4_client");
}

// 2.5 Unsuccessful Registration

TEST_F(RegistrationFlow, Section25AWrongPasswordIsNotRegistered) {
    begin_registrar("a guess");
    world().register_phone(0);
    EXPECT_EQ(bindings(), 0U);
    expect_ladder("rfc3665_2_5_registrar");
}

TEST_F(RegistrationFlow, Section25OurPasswordIsWrongAndWeTryMoreAndMoreSeldom) {
    begin_client();
    on_message_ = [this](const sip::Message& message) { reply(message, challenge(401)); };
    start();
    world().run(Seconds(120));
    EXPECT_NE(account().state, sip::Registration::State::Registered);
    EXPECT_EQ(account().last_status, 401);
    expect_ladder("rfc3665_2_5_client");
}

TEST_F(RegistrationFlow, AnIntervalThatIsTooBriefIsRaised) {  // RFC 3261 10.2.8
    begin_client();
    on_message_ = [this](const sip::Message& message) {
        if (message.header("Expires") == "600") {
            return reply(message, {.status = 423, .tag = "r", .headers = {{"Min-Expires", "900"}}});
        }
        reply(message,
              {.tag = "r",
               .headers = {{"Contact", std::string(*message.header("Contact")) + ";expires=900"}}});
    };
    start();
    EXPECT_EQ(account().state, sip::Registration::State::Registered);
    expect_ladder("rfc3261_10_2_8_interval_too_brief");
}

}  // namespace
}  // namespace patchbay::test
