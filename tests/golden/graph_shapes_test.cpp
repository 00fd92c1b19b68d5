// SPDX-License-Identifier: Apache-2.0
// The JSON of WhatsApp's Graph API: webhooks as Meta documents them, with what its texts disagree
// about, and the bodies of our requests.
#include "api/bridge/graph_json.hpp"
#include "golden/pretty_json.hpp"
#include "support/approval.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace patchbay::test {
namespace {

using namespace bridge::graph;
using testing::ElementsAre;
using testing::IsEmpty;

std::string webhook(const std::string& value) {
    return R"({"object":"whatsapp_business_account","entry":[{"id":"366","changes":[{"field":"calls",)"
           R"("value":{"messaging_product":"whatsapp","metadata":{"phone_number_id":"436666719526789",)"
           R"("display_phone_number":"13175551399"},)" +
           value + "}}]}]}";
}

std::vector<CallNotice> read(const std::string& value) {
    const auto notices = api::bridge::read_graph_webhook(webhook(value));
    EXPECT_TRUE(notices);
    std::vector<CallNotice> calls;
    for (const Notice& notice : notices.value_or(std::vector<Notice>{})) {
        EXPECT_EQ(notice.phone_number_id, "436666719526789");
        EXPECT_EQ(notice.phone_number, "13175551399");
        calls.push_back(notice.call);
    }
    return calls;
}

TEST(GraphWebhook, AUserThatCallsBringsHisOffer) {
    const Connect connect{.id = "wacid.1",
                          .user_initiated = true,
                          .from = "5511987654321",
                          .to = "13175551399",
                          .user_id = "BR.123",
                          .name = "Ana",
                          .seconds = 1671644824,
                          .sdp = "v=0\r\n",
                          .opaque = {},
                          .payload = "menu"};
    EXPECT_THAT(read(R"("contacts":[{"profile":{"name":"Ana"},"wa_id":"5511987654321"}],
                "calls":[{"id":"wacid.1","to":"13175551399","from":"5511987654321","event":"connect",
                "from_user_id":"BR.123","timestamp":"1671644824","direction":"USER_INITIATED",
                "cta_payload":"menu","session":{"sdp_type":"offer","sdp":"v=0\r\n"}}])"),
                ElementsAre(CallNotice(connect)));
}

TEST(GraphWebhook, AUserThatAnswersBringsHisAnswerAndOurMark) {
    const auto calls =
        read(R"("calls":[{"biz_opaque_callback_data":"mark","session":{"sdp_type":"answer",
                "sdp":"v=0\r\n"},"id":"wacid.1","event":"connect","timestamp":1749196895,
                "direction":"BUSINESS_INITIATED"}])");
    ASSERT_EQ(calls.size(), 1U);
    const auto& connect = std::get<Connect>(calls[0]);
    EXPECT_FALSE(connect.user_initiated);
    EXPECT_EQ(connect.opaque, "mark");
    EXPECT_EQ(connect.sdp, "v=0\r\n");
    EXPECT_EQ(connect.seconds, 1749196895);
}

TEST(GraphWebhook, StatusesAreRingingAcceptedAndRejected) {
    EXPECT_THAT(read(R"("statuses":[{"id":"wacid.1","type":"call","status":"RINGING",
                        "biz_opaque_callback_data":"mark"},
                        {"id":"wacid.1","type":"call","status":"ACCEPTED"},
                        {"id":"wacid.1","type":"call","status":"REJECTED"},
                        {"id":"wamid.1","type":"message","status":"read"}])"),
                ElementsAre(CallNotice(Status{"wacid.1", CallStatus::Ringing, "mark"}),
                            CallNotice(Status{"wacid.1", CallStatus::Accepted, ""}),
                            CallNotice(Status{"wacid.1", CallStatus::Rejected, ""})));
}

// Meta's pages write the status of an end in three ways.
TEST(GraphWebhook, AnEndIsReadInAllItsSpellings) {
    for (const char* status : {R"("FAILED")", R"("Failed")", R"(["FAILED"])"}) {
        const auto calls = read(R"("calls":[{"id":"wacid.1","event":"terminate","status":)" +
                                std::string(status) + "}]");
        ASSERT_EQ(calls.size(), 1U);
        EXPECT_TRUE(std::get<Terminate>(calls[0]).failed) << status;
    }
    const auto calls = read(R"("calls":[{"id":"wacid.1","event":"terminate","status":"COMPLETED",
                               "start_time":"1","end_time":"2","duration":1}])");
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_FALSE(std::get<Terminate>(calls[0]).failed);
}

TEST(GraphWebhook, ErrorsOfAnEndAreReadInsideAndBesideTheCall) {
    const std::string errors =
        R"("errors":[{"code":138021,"message":"no media","error_data":{"details":"why"}}])";
    for (const std::string& value :
         {R"("calls":[{"id":"wacid.1","event":"terminate",)" + errors + "}]",
          R"("calls":[{"id":"wacid.1","event":"terminate"}],)" + errors}) {
        const auto calls = read(value);
        ASSERT_EQ(calls.size(), 1U);
        EXPECT_THAT(std::get<Terminate>(calls[0]).errors,
                    ElementsAre(GraphError{138021, 0, "no media", "why"}));
    }
}

TEST(GraphWebhook, WhatIsNotAboutCallsOrOfAnUnknownKindIsNothing) {
    EXPECT_THAT(read(R"("calls":[{"id":"wacid.1","event":"call_created"}])"), IsEmpty());
    EXPECT_THAT(read(R"("messages":[{"id":"wamid.1"}])"), IsEmpty());
    EXPECT_THAT(*api::bridge::read_graph_webhook(
                    R"({"entry":[{"changes":[{"field":"messages","value":{}}]}]})"),
                IsEmpty());
    EXPECT_FALSE(api::bridge::read_graph_webhook("[1]"));
    EXPECT_FALSE(api::bridge::read_graph_webhook("{"));
}

TEST(GraphAction, EveryActionHasItsApprovedBody) {
    const std::string sdp = "v=0\r\ns=-\r\n";
    const std::vector<Action> actions{
        {ActionKind::Connect, {}, "5511987654321", sdp, "mark"},
        {ActionKind::PreAccept, "wacid.1", {}, sdp, {}},
        {ActionKind::Accept, "wacid.1", {}, sdp, {}},
        {ActionKind::Reject, "wacid.1", {}, {}, {}},
        {ActionKind::Terminate, "wacid.1", {}, {}, {}},
    };
    std::string all;
    for (const Action& action : actions) {
        all += pretty(wire::parse_json(api::bridge::write_graph_action(action)).value()) + "\n";
    }
    EXPECT_TRUE(is_approved("tests/golden/approved/bridge_graph_actions.json", all));
}

TEST(GraphResponse, AnIdAnErrorOrNeitherIsRead) {
    const Response taken = api::bridge::read_graph_response(
        200, R"({"messaging_product":"whatsapp","calls":[{"id":"wacid.1"}]})");
    EXPECT_TRUE(taken.is_success());
    EXPECT_EQ(taken.call_id, "wacid.1");
    const Response refused = api::bridge::read_graph_response(
        401, R"({"error":{"message":"expired","type":"OAuthException","code":190,
                "error_subcode":463,"fbtrace_id":"x"}})");
    EXPECT_FALSE(refused.is_success());
    EXPECT_EQ(refused.error, (GraphError{190, 463, "expired", ""}));
    EXPECT_TRUE(api::bridge::read_graph_response(200, R"({"success":true})").is_success());
    EXPECT_FALSE(api::bridge::read_graph_response(502, "<html>").is_success());
}

}  // namespace
}  // namespace patchbay::test
