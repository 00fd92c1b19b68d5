// SPDX-License-Identifier: Apache-2.0
#include "call/account.hpp"

#include "call/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace patchbay::call {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using State = sip::Registration::State;

AccountConfig account(const std::string& name, const std::string& registrar) {
    AccountConfig out;
    out.name = name;
    out.registrar = *sip::Uri::parse(registrar);
    out.address_of_record = sip::Uri::sip("line", out.registrar.host());
    out.contact_user = "line";
    out.expires = Seconds(600);
    return out;
}

// Accounts whose registrars are the test: it reads what was sent and answers by hand.
class AccountsTest : public testing::Test {
  protected:
    void begin(std::vector<AccountConfig> configs) {
        accounts_.emplace(std::move(configs),
                          std::vector<SipListener>{
                              {sip::Transport::Udp, *SocketAddress::parse("192.0.2.1:5060")},
                              {sip::Transport::Tcp, *SocketAddress::parse("192.0.2.1:5060")},
                              {sip::Transport::Udp, *SocketAddress::parse("[2001:db8::1]:5060")}},
                          random_);
        accounts_->start(now_, agent_, out_, lookups_);
    }
    void respond(const std::string& status, const std::string& headers = "") {
        ASSERT_THAT(out_.transmits, Not(IsEmpty()));
        const sip::Transmit sent = out_.transmits.back();
        out_.transmits.clear();
        const auto request = sip::Message::parse(sent.bytes).value();
        std::string text = "SIP/2.0 " + status + "\r\n";
        for (const char* name : {"Via", "From", "To", "Call-ID", "CSeq"}) {
            text += std::string(name) + ": " + std::string(*request.header(name)) + "\r\n";
        }
        agent_.handle_message(now_, sent.flow, as_bytes(text + headers + "\r\n"), out_);
        for (const sip::Event& event : std::exchange(out_.events, {})) {
            if (const auto* finished = std::get_if<sip::RequestFinished>(&event)) {
                accounts_->handle(now_, *finished, agent_, out_);
            }
        }
        for (const sip::Event& event : std::exchange(out_.events, {})) {
            if (const auto* failed = std::get_if<sip::HopFailed>(&event)) {
                failed_hops_.push_back(failed->flow);
            }
        }
    }
    void located(std::size_t lookup, std::vector<sip::Target> targets) {
        accounts_->server_located(now_, lookups_.at(lookup), std::move(targets), agent_, out_);
    }
    AccountStatus status(std::size_t i = 0) { return accounts_->status(now_).at(i); }

    Instant now_{Seconds(1'000)};
    SeededRandom random_{1};
    sip::UserAgent agent_{{}, random_};
    sip::Outputs out_;
    std::vector<AccountLookup> lookups_;
    std::vector<sip::Flow> failed_hops_;
    std::optional<Accounts> accounts_;
};

TEST_F(AccountsTest, EachRegistersFromTheListenerThatFits) {
    begin({account("a", "sip:192.0.2.9"), account("b", "sip:192.0.2.8:5070;transport=tcp"),
           account("c", "sip:[2001:db8::9]")});
    ASSERT_THAT(out_.transmits, SizeIs(3));
    EXPECT_EQ(out_.transmits[0].flow.remote, *SocketAddress::parse("192.0.2.9:5060"));
    EXPECT_EQ(out_.transmits[1].flow.transport, sip::Transport::Tcp);
    EXPECT_EQ(out_.transmits[1].flow.remote, *SocketAddress::parse("192.0.2.8:5070"));
    EXPECT_EQ(out_.transmits[2].flow.local, *SocketAddress::parse("[2001:db8::1]:5060"));
    EXPECT_THAT(out_.transmits[0].bytes, HasSubstr("Contact: <sip:line@192.0.2.1:5060>"));
    EXPECT_EQ(status().state, State::Registering);
}

TEST_F(AccountsTest, ItsStateIsVisible) {
    begin({account("a", "sip:192.0.2.9")});
    respond("200 OK", "Expires: 600\r\n");
    EXPECT_EQ(status(), (AccountStatus{"a", "sip:192.0.2.9", State::Registered, 200, 0}));
    now_ += Seconds(480);
    accounts_->handle_timeout(now_, agent_, out_, lookups_);
    respond("403 Forbidden");
    now_ += Seconds(120);
    EXPECT_EQ(status(), (AccountStatus{"a", "sip:192.0.2.9", State::Failing, 403, 1}));
}

// RFC 5626 4.4
TEST_F(AccountsTest, TheWayToARegistrarIsKeptOpen) {
    begin({account("a", "sip:192.0.2.9"), account("b", "sip:192.0.2.8;transport=tcp")});
    EXPECT_THAT(out_.transmits, SizeIs(2));
    respond("200 OK", "Expires: 600\r\n");  // of b
    EXPECT_GE(*accounts_->next_timeout(), now_ + Seconds(96));
    EXPECT_LE(*accounts_->next_timeout(), now_ + Seconds(120));
    begin({account("a", "sip:192.0.2.9")});
    respond("200 OK", "Expires: 600\r\n");
    for (int i = 0; i < 3; ++i) {
        EXPECT_GT(*accounts_->next_timeout(), now_ + Seconds(23));
        EXPECT_LE(*accounts_->next_timeout(), now_ + Seconds(29));
        now_ = *accounts_->next_timeout();
        accounts_->handle_timeout(now_, agent_, out_, lookups_);
        ASSERT_THAT(out_.transmits, SizeIs(1));
        EXPECT_EQ(out_.transmits[0].bytes, "\r\n\r\n");
        EXPECT_EQ(out_.transmits[0].flow.remote, *SocketAddress::parse("192.0.2.9:5060"));
        out_.transmits.clear();
    }
}

TEST_F(AccountsTest, ABindingThatIsGoneIsNotKeptAlive) {
    begin({account("a", "sip:192.0.2.9")});
    respond("200 OK", "Expires: 20\r\n");
    now_ += Seconds(30);
    accounts_->handle_timeout(now_, agent_, out_, lookups_);
    for (const sip::Transmit& transmit : out_.transmits) {
        EXPECT_NE(transmit.bytes, "\r\n\r\n");
    }
}

TEST_F(AccountsTest, ANameIsLookedUpFirst) {
    begin({account("a", "sip:sip.example.com")});
    EXPECT_THAT(out_.transmits, IsEmpty());
    ASSERT_THAT(lookups_, SizeIs(1));
    EXPECT_EQ(lookups_[0].uri, *sip::Uri::parse("sip:sip.example.com"));
    located(0, {{sip::Transport::Udp, *SocketAddress::parse("192.0.2.9:5060"), ""}});
    ASSERT_THAT(out_.transmits, SizeIs(1));
    EXPECT_THAT(out_.transmits[0].bytes, HasSubstr("REGISTER sip:sip.example.com SIP/2.0"));
}

TEST_F(AccountsTest, ANameThatLeadsNowhereIsAFailureAndIsAskedForAgain) {
    begin({account("a", "sip:sip.example.com")});
    accounts_->server_located(now_, lookups_[0], fail(Errc::NotFound, "host"), agent_, out_);
    EXPECT_EQ(status(), (AccountStatus{"a", "sip:sip.example.com", State::Failing, 503, 1}));
    EXPECT_EQ(accounts_->next_timeout(), now_ + kAccountLookupRetry);
    now_ += kAccountLookupRetry;
    lookups_.clear();
    accounts_->handle_timeout(now_, agent_, out_, lookups_);
    EXPECT_THAT(lookups_, SizeIs(1));
}

TEST_F(AccountsTest, OfSeveralServersTheNextServesWhenOneFails) {
    AccountConfig two = account("a", "sip:sip.example.com");
    two.servers = {*sip::Uri::parse("sip:192.0.2.9"), *sip::Uri::parse("sip:192.0.2.8")};
    begin({two});
    EXPECT_THAT(lookups_, IsEmpty());
    respond("503 Service Unavailable");
    ASSERT_THAT(out_.transmits, SizeIs(1));
    EXPECT_EQ(out_.transmits[0].flow.remote, *SocketAddress::parse("192.0.2.8:5060"));
    respond("200 OK", "Expires: 600\r\n");
    EXPECT_EQ(status().state, State::Registered);
}

TEST_F(AccountsTest, TargetsOfTheDnsAreTriedInItsOrderAndEachFailureIsTold) {
    begin({account("a", "sip:sip.example.com")});
    located(0, {{sip::Transport::Udp, *SocketAddress::parse("192.0.2.9:5070"), ""},
                {sip::Transport::Tls, *SocketAddress::parse("192.0.2.8:5061"), "sip.example.com"}});
    ASSERT_THAT(out_.transmits, SizeIs(1));
    const sip::Flow first = out_.transmits[0].flow;
    EXPECT_EQ(first.remote, *SocketAddress::parse("192.0.2.9:5070"));
    respond("503 Service Unavailable");
    ASSERT_THAT(failed_hops_, SizeIs(1));
    EXPECT_EQ(failed_hops_[0].remote, first.remote);
    ASSERT_THAT(out_.transmits, SizeIs(1));
    const sip::Flow& second = out_.transmits[0].flow;
    EXPECT_EQ(second.transport, sip::Transport::Tls);
    EXPECT_EQ(second.peer_name, "sip.example.com");  // RFC 5922 4: the name before the look-up
}

TEST_F(AccountsTest, ServersKeepTheirOrderWhicheverIsFoundFirst) {
    AccountConfig two = account("a", "sip:sip.example.com");
    two.servers = {*sip::Uri::parse("sip:first.example.com"),
                   *sip::Uri::parse("sip:second.example.com")};
    begin({two});
    ASSERT_THAT(lookups_, SizeIs(2));
    located(1, {{sip::Transport::Udp, *SocketAddress::parse("192.0.2.8:5060"), ""}});
    EXPECT_THAT(out_.transmits, IsEmpty());
    located(0, {{sip::Transport::Udp, *SocketAddress::parse("192.0.2.9:5060"), ""}});
    ASSERT_THAT(out_.transmits, SizeIs(1));
    EXPECT_EQ(out_.transmits[0].flow.remote, *SocketAddress::parse("192.0.2.9:5060"));
}

TEST_F(AccountsTest, AllBindingsAreTakenBackAtTheEnd) {
    begin({account("a", "sip:192.0.2.9")});
    respond("200 OK", "Expires: 600\r\n");
    accounts_->stop(now_, agent_, out_);
    ASSERT_THAT(out_.transmits, SizeIs(1));
    EXPECT_THAT(out_.transmits[0].bytes, HasSubstr("Expires: 0\r\n"));
    EXPECT_EQ(accounts_->next_timeout(), std::nullopt);
}

}  // namespace
}  // namespace patchbay::call
