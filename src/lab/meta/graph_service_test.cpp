// SPDX-License-Identifier: Apache-2.0
#include "lab/meta/graph_service.hpp"

#include "media/frame.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::lab::meta {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class NoNetwork final : public media::PacketSink {
  public:
    void send(const SocketAddress& /*to*/, ByteView /*packet*/) override {}
};

class GraphServiceTest : public testing::Test {
  protected:
    static GraphAccount account() {
        GraphAccount account;
        account.users.number = "+15550001111";
        account.users.users = {"+5511987654321"};
        account.number_id = "42";
        return account;
    }
    static boost::json::object connect() {
        return {{"messaging_product", "whatsapp"},
                {"action", "connect"},
                {"to", "5511987654321"},
                {"biz_opaque_callback_data", "mark"}};
    }
    boost::json::object with_offer(const std::string& sdp) const {
        auto body = connect();
        body["session"] = boost::json::object{{"sdp_type", "offer"}, {"sdp", sdp}};
        return body;
    }
    boost::json::object on(std::string_view action, const std::string& sdp = {}) const {
        boost::json::object body{
            {"messaging_product", "whatsapp"}, {"action", action}, {"call_id", call_id_}};
        if (!sdp.empty()) {
            body["session"] = boost::json::object{{"sdp_type", "answer"}, {"sdp", sdp}};
        }
        return body;
    }
    // The status of HTTP.
    int ask(const boost::json::object& body, std::string_view token = "fake-token") {
        GraphOutputs out;
        const GraphReply reply =
            service_.handle_request(now_,
                                    {.posts = true,
                                     .path = "/v23.0/42/calls",
                                     .authorization = "Bearer " + std::string(token),
                                     .body = boost::json::serialize(body)},
                                    out);
        take(out);
        reply_ = boost::json::parse(reply.body).as_object();
        if (const auto* calls = reply_.if_contains("calls")) {
            call_id_ = calls->as_array()[0].as_object().at("id").as_string();
        }
        return reply.status;
    }
    std::int64_t code() { return reply_.at("error").as_object().at("code").as_int64(); }
    void after(Nanoseconds time) {
        now_ += time;
        GraphOutputs out;
        service_.tick(now_, out);
        take(out);
    }
    void take(const GraphOutputs& out) {
        for (const GraphOutputs::Webhook& webhook : out.webhooks) {
            told_.push_back(webhook.about);
            bodies_.push_back(webhook.body);
        }
        for (const Note& note : out.notes) {
            if (const auto* refused = std::get_if<note::Refused>(&note)) {
                rule_ = refused->rule;
            }
        }
    }
    void user_calls() {
        GraphOutputs out;
        service_.call(now_, "+5511987654321", out);
        take(out);
        const auto document = boost::json::parse(bodies_.back());
        const auto& call = document.at_pointer("/entry/0/changes/0/value/calls/0").as_object();
        call_id_ = call.at("id").as_string();
        answer_ = *business_.answer(now_, std::string(call.at("session").at("sdp").as_string()));
    }
    call::RtpEndpoint endpoint() {
        return {.port = call::RtpPort(1),
                .advertised = *SocketAddress::parse("192.0.2.1:3480"),
                .sink = &sink_};
    }

    Instant now_ = Instant() + Seconds(1000);
    WallAnchor wall_;
    SeededRandom random_{1};
    NoNetwork sink_;
    webrtc::DtlsContext dtls_ = *webrtc::DtlsContext::make(WallTime{1'790'000'000'000}, random_);
    Account dtls_account_{.key_exchange = KeyExchange::Dtls};
    // Whose descriptions are right.
    Media caller_{now_, wall_, endpoint(), {dtls_account_, dtls_, true}, random_};
    Media business_{now_, wall_, endpoint(), {dtls_account_, dtls_, false}, random_};
    std::string offer_ = caller_.offer();
    GraphService service_{account(),
                          {.wall = wall_, .dtls = dtls_, .random = random_, .open_port = [this] {
                               return Result<call::RtpEndpoint>(endpoint());
                           }}};
    std::string call_id_;
    std::string answer_;
    boost::json::object reply_;
    std::vector<std::string> told_;  // what webhooks were about
    std::vector<std::string> bodies_;
    std::string rule_;  // that a request broke
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
        text.replace(at, from.size(), to);
    }
    return text;
}

TEST_F(GraphServiceTest, ACallThatKeepsAllRulesRingsAndIsAnswered) {
    EXPECT_EQ(ask(with_offer(offer_)), 200);
    EXPECT_THAT(call_id_, HasSubstr("wacid."));
    EXPECT_THAT(told_, ElementsAre("ringing"));
    after(Seconds(1));
    EXPECT_THAT(told_, ElementsAre("ringing", "connect", "accepted"));
    EXPECT_THAT(bodies_[1], HasSubstr("\"biz_opaque_callback_data\":\"mark\""));
    EXPECT_THAT(bodies_[1], HasSubstr("a=setup:active"));
    EXPECT_EQ(ask(on("terminate")), 200);
    EXPECT_EQ(told_.back(), "terminate");
}

TEST_F(GraphServiceTest, WebhooksInTheWrongOrderAreThoseOfOneAnswer) {
    service_.account().reversed = true;
    ask(with_offer(offer_));
    after(Seconds(1));
    EXPECT_THAT(told_, ElementsAre("accepted", "connect", "ringing"));
}

TEST_F(GraphServiceTest, AnEndMayBeToldLate) {
    service_.account().late_end = Seconds(3);
    ask(with_offer(offer_));
    ask(on("terminate"));
    after(Seconds(2));
    EXPECT_THAT(told_, ElementsAre("ringing"));
    after(Seconds(1));
    EXPECT_THAT(told_, ElementsAre("ringing", "terminate"));
}

TEST_F(GraphServiceTest, EachRuleThatIsBrokenIsRefusedAndNamed) {
    struct Row {
        const char* rule;
        boost::json::object body;
    };
    auto unknown = with_offer(offer_);
    unknown["to"] = "5511900000000";
    auto plus = with_offer(offer_);
    plus["to"] = "+5511987654321";
    auto product = with_offer(offer_);
    product["messaging_product"] = "telegram";
    auto long_mark = with_offer(offer_);
    long_mark["biz_opaque_callback_data"] = std::string(513, 'x');
    auto kind = with_offer(offer_);
    kind["session"].as_object()["sdp_type"] = "answer";
    for (const Row& row :
         {Row{"unknown-user", unknown}, Row{"to", plus}, Row{"messaging-product", product},
          Row{"opaque", long_mark}, Row{"sdp-type", kind}, Row{"sdp-type", connect()},
          Row{"line-ends", with_offer(replaced(offer_, "\r\n", "\n"))},
          Row{"codec", with_offer(replaced(offer_, "opus/48000/2", "PCMU/8000"))},
          Row{"srtp", with_offer(replaced(offer_, "a=rtcp-mux\r\n", ""))},
          Row{"setup", with_offer(replaced(offer_, "setup:actpass", "setup:active"))},
          Row{"unknown-call", on("accept", offer_ + "a=setup:active\r\n")}}) {
        rule_.clear();
        EXPECT_EQ(ask(row.body), 400) << row.rule;
        EXPECT_EQ(rule_, row.rule);
    }
    EXPECT_THAT(told_, IsEmpty());
}

TEST_F(GraphServiceTest, AWrongTokenAndWhatItIsToldToRefuseAreErrorsOfGraph) {
    EXPECT_EQ(ask(with_offer(offer_), "old"), 401);
    EXPECT_EQ(code(), 190);
    service_.refuse_calls(138006);
    EXPECT_EQ(ask(with_offer(offer_)), 403);
    EXPECT_EQ(code(), 138006);
    service_.refuse_calls(0);
    EXPECT_EQ(ask(with_offer(offer_)), 200);
    EXPECT_EQ(ask(with_offer(offer_)), 400) << "one call for each pair";
    EXPECT_EQ(code(), 138003);
}

TEST_F(GraphServiceTest, AnAcceptHasTheDescriptionOfThePreAccept) {
    user_calls();
    EXPECT_EQ(ask(on("pre_accept", answer_)), 200);
    EXPECT_EQ(ask(on("accept", replaced(answer_, "s=-", "s=x"))), 400);
    EXPECT_EQ(rule_, "another-description");
    EXPECT_EQ(ask(on("accept", answer_)), 200);
    EXPECT_EQ(ask(on("accept", answer_)), 400) << "answered already";
    EXPECT_EQ(ask(on("reject")), 400) << "answered already";
}

TEST_F(GraphServiceTest, WhoSendsNoFirstPacketIsHungUpOn) {
    user_calls();
    ask(on("accept", answer_));
    after(Seconds(21));
    EXPECT_EQ(told_.back(), "terminate");
    EXPECT_THAT(bodies_.back(), HasSubstr("138021"));
    EXPECT_EQ(service_.calls(), 0U);
}

TEST_F(GraphServiceTest, AUserWhomNobodyAnswersGivesUp) {
    user_calls();
    after(Seconds(46));
    EXPECT_THAT(told_, ElementsAre("connect", "terminate"));
}

// RFC 4231 test case 2, as Meta writes it.
TEST(GraphMessages, TheSignatureIsThatOfTheStandard) {
    EXPECT_EQ(graph::signature_of("what do ya want for nothing?", Secret<std::string>("Jefe")),
              "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace patchbay::lab::meta
