// SPDX-License-Identifier: Apache-2.0
#include "lab/registration.hpp"

#include "sip/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patchbay::lab {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Optional;
using testing::SizeIs;

constexpr SocketAddress kPhone{IpAddress::v4(192, 0, 2, 1), 5070};
constexpr SocketAddress kRegistrar{IpAddress::v4(192, 0, 2, 9), 5060};

RegistrationConfig config() {
    RegistrationConfig out;
    out.registrar = *sip::Uri::parse("sip:example.com");
    out.address_of_record = *sip::Uri::parse("sip:alice@example.com");
    out.flow = {.local = kPhone, .remote = kRegistrar};
    out.credentials = sip::Credentials{"alice", Secret<std::string>("secret"), ""};
    return out;
}

// A phone whose registrar is the test: it reads what was sent and writes the answers by hand.
class RegistrationTest : public testing::Test {
  protected:
    void start() { registration.start(now, agent, out); }

    // The last request, as it was sent; those before it are forgotten.
    std::string take_request() {
        EXPECT_THAT(out.transmits, Not(IsEmpty()));
        std::string text = out.transmits.empty() ? "" : out.transmits.back().bytes;
        out.transmits.clear();
        return text;
    }
    // Answers `request` with these headers beside those that are copied (RFC 3261 8.2.6.2).
    void respond(const std::string& request, const std::string& status, std::string headers = "") {
        const auto message = sip::Message::parse(request);
        ASSERT_TRUE(message);
        std::string text = "SIP/2.0 " + status + "\r\n";
        for (const char* name : {"Via", "From", "To", "Call-ID", "CSeq"}) {
            text += std::string(name) + ": " + std::string(*message->header(name)) +
                    (std::string(name) == "To" ? ";tag=r1\r\n" : "\r\n");
        }
        text += headers + "Content-Length: 0\r\n\r\n";
        agent.handle_message(now, {.local = kPhone, .remote = kRegistrar}, as_bytes(text), out);
        collect();
    }
    void run_to(Instant time) {
        while (true) {
            const auto next = earlier(agent.next_timeout(), registration.next_timeout());
            if (!next || *next > time) {
                break;
            }
            now = std::max(now, *next);
            agent.handle_timeout(now, out);
            registration.handle_timeout(now, agent, out);
            collect();
        }
        now = time;
    }
    void collect() {
        for (const sip::Event& event : std::exchange(out.events, {})) {
            if (const auto* finished = std::get_if<sip::RequestFinished>(&event)) {
                if (auto outcome = registration.handle(now, *finished, agent, out)) {
                    outcomes.push_back(*outcome);
                }
            }
        }
    }
    std::optional<Seconds> granted() const {
        const auto* last =
            outcomes.empty() ? nullptr : std::get_if<Registration::Registered>(&outcomes.back());
        return last == nullptr ? std::nullopt : std::optional(last->expires);
    }
    std::optional<int> failure() const {
        const auto* last =
            outcomes.empty() ? nullptr : std::get_if<Registration::Failed>(&outcomes.back());
        return last == nullptr ? std::nullopt : std::optional(last->status);
    }

    Instant now{Seconds(1000)};
    SeededRandom random{1};
    sip::UserAgent agent{{}, random};
    sip::Outputs out;
    Registration registration{config(), random};
    std::vector<Registration::Outcome> outcomes;
};

TEST_F(RegistrationTest, SendsItsContactForItsAddress) {
    start();
    const std::string request = take_request();
    EXPECT_THAT(request, HasSubstr("REGISTER sip:example.com SIP/2.0\r\n"));
    EXPECT_THAT(request, HasSubstr("To: <sip:alice@example.com>\r\n"));
    EXPECT_THAT(request, HasSubstr("@192.0.2.1:5070"));
    EXPECT_THAT(request, HasSubstr("Expires: 300\r\n"));
}

TEST_F(RegistrationTest, AnswersAChallengeWithDigest) {
    start();
    respond(take_request(), "401 Unauthorized",
            "WWW-Authenticate: Digest realm=\"example.com\", nonce=\"n1\", algorithm=MD5, "
            "qop=\"auth\"\r\n");
    const std::string second = take_request();
    EXPECT_THAT(second, HasSubstr("Authorization: Digest username=\"alice\""));
    EXPECT_THAT(second, Not(HasSubstr("secret")));
    respond(second, "200 OK", "Expires: 120\r\n");
    EXPECT_THAT(granted(), Optional(Seconds(120)));
}

// RFC 3261 10.2.4
TEST_F(RegistrationTest, TheContactsOwnTimeWinsOverTheExpiresHeader) {
    start();
    respond(take_request(), "200 OK",
            "Contact: <sip:pb0.@192.0.2.1:5070>;expires=60\r\nExpires: 600\r\n");
    EXPECT_THAT(granted(), Optional(Seconds(60)));
}

TEST_F(RegistrationTest, RefreshesBeforeItRunsOutWithTheSameCallIdAndAHigherCSeq) {
    start();
    const std::string first = take_request();
    respond(first, "200 OK", "Expires: 100\r\n");
    run_to(now + Seconds(79));
    EXPECT_THAT(out.transmits, IsEmpty());
    run_to(now + Seconds(2));
    const std::string second = take_request();
    const auto a = sip::Message::parse(first);
    const auto b = sip::Message::parse(second);
    EXPECT_EQ(a->header("Call-ID"), b->header("Call-ID"));
    EXPECT_LT(a->get<sip::CSeq>()->number, b->get<sip::CSeq>()->number);
}

// RFC 3261 10.2.8
TEST_F(RegistrationTest, TakesTheRegistrarsLeastTime) {
    start();
    respond(take_request(), "423 Interval Too Brief", "Min-Expires: 3600\r\n");
    EXPECT_THAT(outcomes, IsEmpty());
    EXPECT_THAT(take_request(), HasSubstr("Expires: 3600\r\n"));
}

TEST_F(RegistrationTest, DoesNotGoRoundForARegistrarThatNamesNoMoreThanWasAsked) {
    start();
    respond(take_request(), "423 Interval Too Brief", "Min-Expires: 60\r\n");
    EXPECT_THAT(failure(), Optional(423));
    EXPECT_THAT(out.transmits, IsEmpty());
}

TEST_F(RegistrationTest, AfterARefusalItTriesAgainInThirtySeconds) {
    start();
    respond(take_request(), "403 Forbidden");
    EXPECT_THAT(failure(), Optional(403));
    run_to(now + Seconds(29));
    EXPECT_THAT(out.transmits, IsEmpty());
    run_to(now + Seconds(2));
    EXPECT_THAT(take_request(), HasSubstr("REGISTER"));
}

TEST_F(RegistrationTest, ASilentRegistrarIsReportedAs408) {
    start();
    run_to(now + Seconds(33));
    EXPECT_THAT(failure(), Optional(408));
}

TEST_F(RegistrationTest, TakesItsBindingBackAtTheEnd) {
    start();
    respond(take_request(), "200 OK", "Expires: 100\r\n");
    registration.stop(now, agent, out);
    const std::string last = take_request();
    EXPECT_THAT(last, HasSubstr("Expires: 0\r\n"));
    respond(last, "200 OK");
    EXPECT_THAT(outcomes, SizeIs(1));
    EXPECT_EQ(registration.next_timeout(), std::nullopt);
}

TEST_F(RegistrationTest, WhatWasNeverRegisteredIsNotTakenBack) {
    start();
    take_request();
    registration.stop(now, agent, out);
    EXPECT_THAT(out.transmits, IsEmpty());
}

}  // namespace
}  // namespace patchbay::lab
