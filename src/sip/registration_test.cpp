// SPDX-License-Identifier: Apache-2.0
#include "sip/registration.hpp"

#include "sip/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patchbay::sip {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Optional;
using testing::SizeIs;

constexpr SocketAddress kPhone{IpAddress::v4(192, 0, 2, 1), 5070};
constexpr SocketAddress kRegistrar{IpAddress::v4(192, 0, 2, 9), 5060};
constexpr SocketAddress kSecond{IpAddress::v4(192, 0, 2, 8), 5060};

RegistrationConfig config() {
    RegistrationConfig out;
    out.registrar = *Uri::parse("sip:example.com");
    out.address_of_record = *Uri::parse("sip:alice@example.com");
    out.flows = {{.local = kPhone, .remote = kRegistrar}, {.local = kPhone, .remote = kSecond}};
    out.credentials = Credentials{"alice", Secret<std::string>("secret"), ""};
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
        const auto message = Message::parse(request);
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
        for (const Event& event : std::exchange(out.events, {})) {
            if (const auto* finished = std::get_if<RequestFinished>(&event)) {
                finished_requests.push_back(*finished);
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
    UserAgent agent{{}, random};
    Outputs out;
    Registration registration{config(), random};
    std::vector<Registration::Outcome> outcomes;
    std::vector<RequestFinished> finished_requests;
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
    const auto a = Message::parse(first);
    const auto b = Message::parse(second);
    EXPECT_EQ(a->header("Call-ID"), b->header("Call-ID"));
    EXPECT_LT(a->get<CSeq>()->number, b->get<CSeq>()->number);
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

TEST_F(RegistrationTest, ASilentRegistrarIsReportedAs408OnceTheOtherOneWasSilentToo) {
    start();
    run_to(now + Seconds(33));
    EXPECT_EQ(failure(), std::nullopt);
    run_to(now + Seconds(33));
    EXPECT_THAT(failure(), Optional(408));
    EXPECT_EQ(registration.state(now), Registration::State::Failing);
}

TEST_F(RegistrationTest, GoesOnToTheNextRegistrarAtOnce) {
    start();
    respond(take_request(), "503 Service Unavailable");
    ASSERT_THAT(out.transmits, SizeIs(1));
    EXPECT_EQ(out.transmits.front().flow.remote, kSecond);
    respond(take_request(), "200 OK", "Expires: 100\r\n");
    EXPECT_EQ(registration.state(now), Registration::State::Registered);
    run_to(now + Seconds(81));  // and stays with it
    EXPECT_EQ(out.transmits.front().flow.remote, kSecond);
}

TEST_F(RegistrationTest, ARefusalIsTheSameOnEveryWay) {
    start();
    respond(take_request(), "403 Forbidden");
    EXPECT_THAT(out.transmits, IsEmpty());
    EXPECT_THAT(failure(), Optional(403));
    EXPECT_EQ(registration.last_status(), 403);
}

TEST_F(RegistrationTest, TheWaitingTimeDoublesUpToItsBoundAndIsSpread) {  // RFC 5626 4.5
    start();
    Seconds bound{30};
    for (int i = 0; i < 9; ++i) {
        respond(take_request(), "403 Forbidden");
        const Nanoseconds wait = registration.next_timeout().value() - now;
        EXPECT_GE(wait, bound / 2);
        EXPECT_LE(wait, bound);
        EXPECT_EQ(registration.failures(), static_cast<unsigned>(i + 1));
        bound = std::min(bound * 2, Seconds(1800));
        run_to(*registration.next_timeout());
    }
    respond(take_request(), "200 OK", "Expires: 3600\r\n");
    EXPECT_EQ(registration.failures(), 0U);
}

TEST_F(RegistrationTest, TheRegistrarMayAskForALongerWait) {  // RFC 3261 20.33
    start();
    respond(take_request(), "503 Service Unavailable", "Retry-After: 100\r\n");
    respond(take_request(), "503 Service Unavailable", "Retry-After: 100\r\n");
    EXPECT_EQ(registration.next_timeout().value() - now, Seconds(100));
}

TEST_F(RegistrationTest, ABindingLivesOnWhileItsRefreshFails) {
    start();
    respond(take_request(), "200 OK", "Expires: 100\r\n");
    run_to(now + Seconds(80));
    respond(take_request(), "403 Forbidden");
    EXPECT_EQ(registration.state(now), Registration::State::Registered);
    now += Seconds(20);
    EXPECT_EQ(registration.state(now), Registration::State::Failing);
}

TEST_F(RegistrationTest, ABrokenConnectionIsMadeAnewAtOnce) {
    RegistrationConfig by_tcp = config();
    by_tcp.flows = {{.transport = Transport::Tcp, .local = kPhone, .remote = kRegistrar}};
    Registration tcp(by_tcp, random);
    tcp.start(now, agent, out);
    const auto request = take_request();
    respond(request, "200 OK", "Expires: 100\r\n");
    ASSERT_FALSE(finished_requests.empty());
    (void)tcp.handle(now, finished_requests.back(), agent, out);
    tcp.handle_transport_error(now, {Transport::Tcp, kPhone, kSecond, 3}, agent, out);
    EXPECT_THAT(out.transmits, IsEmpty());
    tcp.handle_transport_error(now, {Transport::Tcp, kPhone, kRegistrar, 3}, agent, out);
    EXPECT_THAT(out.transmits, SizeIs(1));
}

TEST_F(RegistrationTest, CallsComeForTheUserThatTheContactNames) {
    RegistrationConfig named = config();
    named.contact_user = "line1";
    Registration line(named, random);
    line.start(now, agent, out);
    const auto request = take_request();
    EXPECT_THAT(request, HasSubstr("Contact: <sip:line1@192.0.2.1:5070>"));
    respond(request, "200 OK",
            "Contact: <sip:other@192.0.2.1>;expires=11\r\n"
            "Contact: <sip:line1@192.0.2.1:5070>;expires=60\r\n");
    const auto outcome = line.handle(now, finished_requests.back(), agent, out);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(std::get<Registration::Registered>(*outcome).expires, Seconds(60));
}

TEST_F(RegistrationTest, ItsStateCanBeShown) {
    EXPECT_EQ(to_string(registration.state(now)), "idle");
    start();
    EXPECT_EQ(to_string(registration.state(now)), "registering");
    respond(take_request(), "200 OK", "Expires: 100\r\n");
    EXPECT_EQ(to_string(registration.state(now)), "registered");
    registration.stop(now, agent, out);
    EXPECT_EQ(to_string(registration.state(now)), "idle");
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
}  // namespace patchbay::sip
