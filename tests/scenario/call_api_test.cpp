// SPDX-License-Identifier: Apache-2.0
// The Call API from the client's text to the phones and back.
#include "support/call_api_world.hpp"
#include "support/talking_phones.hpp"
#include "wire/json_reader.hpp"

#include <boost/json/object.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using api::jsonrpc::Dialect;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;

class CallApiTest : public TalkingPhones {
  protected:
    CallApiTest() : TalkingPhones(4) {}

    CallApiClient& client() {
        world();
        return *client_;
    }
    void enter(World& world) override { client_.emplace(world, dialect_); }

    // The name of the new call.
    std::string start(std::size_t caller = 0, std::size_t callee = 1) {
        client().say("CallStart", R"({"caller":")" + World::phone_uri(caller) + R"(","callee":")" +
                                      World::phone_uri(callee) + "\"}");
        world().run(Seconds(2));
        std::string callid;
        for (const std::string& text : client().heard()) {
            const auto message = wire::parse_json(text).value().as_object();
            if (const auto* params = message.if_contains("params");
                params != nullptr && params->as_object().contains("callid")) {
                callid = std::string(params->as_object().at("callid").as_string());
            }
        }
        EXPECT_FALSE(callid.empty());
        client().forget();
        ladder_->clear();
        return callid;
    }
    void say(const std::string& method, const std::string& params, Nanoseconds wait = Seconds(2)) {
        client().say(method, params);
        world().run(wait);
    }
    // "CALL_HOLD caller", "Error 404 Dialog not found", "Ended", ...
    std::vector<std::string> story() {
        std::vector<std::string> words;
        for (const std::string& text : client().heard()) {
            const auto message = wire::parse_json(text).value().as_object();
            if (message.contains("result")) {
                words.emplace_back("Started");
                continue;
            }
            const auto& params = message.at("params").as_object();
            std::string word(message.at("method").as_string());
            if (word == "Event") {
                word = std::string(params.at("data").as_string());
            }
            for (const char* key : {"leg", "error_msg"}) {
                if (const auto* value = params.if_contains(key)) {
                    word += " " + std::string(value->as_string());
                }
            }
            words.push_back(word);
        }
        return words;
    }
    void expect_nothing_left() {
        TalkingPhones::expect_nothing_left();
        EXPECT_EQ(client().running(), 0U);
    }
    void hang_up(std::size_t i) {
        world().at_phone([&](lab::PhoneEngine& phone,
                             lab::PhoneOutputs& out) { phone.hang_up(world().now(), out); },
                         i);
    }

    Dialect dialect_ = Dialect::Contract;
    std::optional<CallApiClient> client_;
};

std::string named(const std::string& callid, const std::string& more = "") {
    return R"({"callid":")" + callid + "\"" + (more.empty() ? "" : "," + more) + "}";
}

TEST_F(CallApiTest, CallStartSaysTheFourWordsOfTheContract) {
    say("CallStart",
        R"({"caller":")" + World::phone_uri(0) + R"(","callee":")" + World::phone_uri(1) + "\"}");
    EXPECT_THAT(story(), ElementsAre("Started", "CALL_ANSWER", "TRANSFER_ACCEPT", "CALL_START",
                                     "CALL_ANSWER", "Ended"));
    expect_talking(0, 1);
}

TEST_F(CallApiTest, CallStartInTheOriginalsDialectHasItsOrder) {
    dialect_ = Dialect::OpenSips;
    say("CallStart",
        R"({"caller":")" + World::phone_uri(0) + R"(","callee":")" + World::phone_uri(1) + "\"}");
    std::vector<std::string> events;
    for (const std::string& text : client().heard()) {
        const auto message = wire::parse_json(text).value().as_object();
        if (message.contains("params")) {
            events.emplace_back(message.at("params").as_object().at("event").as_string());
        }
    }
    EXPECT_THAT(events, ElementsAre("CallerAnswered", "Transferring", "TransferStart",
                                    "TransferPending", "CalleeAnswered", "Ended"));
}

TEST_F(CallApiTest, ABusyCalleeEndsTheCommandWithAnError) {
    options_.phones[1].reject = sip::Rejection{.status = 486};
    say("CallStart",
        R"({"caller":")" + World::phone_uri(0) + R"(","callee":")" + World::phone_uri(1) + "\"}");
    EXPECT_THAT(story(), ElementsAre("Started", "CALL_ANSWER", "TRANSFER_ACCEPT", "CALL_START",
                                     "Error 486 Busy Here", "Ended"));
    expect_nothing_left();
}

TEST_F(CallApiTest, CallEndHangsBothPartiesUp) {
    const std::string call = start();
    say("CallEnd", named(call));
    EXPECT_THAT(story(), ElementsAre("Started", "Ended"));
    EXPECT_FALSE(world().phone(0).in_call());
    EXPECT_FALSE(world().phone(1).in_call());
    expect_nothing_left();
    expect_ladder("call_api_end");
}

TEST_F(CallApiTest, CallEndWorksInEveryStateOfACall) {
    for (const Milliseconds when :
         {Milliseconds(50), Milliseconds(300), Milliseconds(600), Milliseconds(2000)}) {
        client_.reset();
        world_.reset();
        options_.phones[1] = {.answer_after = Milliseconds(800)};
        client().say("CallStart", R"({"caller":")" + World::phone_uri(0) + R"(","callee":")" +
                                      World::phone_uri(1) + "\"}");
        world().run(when);
        const auto& histories = world().histories();
        const auto alive = std::find_if(histories.begin(), histories.end(),
                                        [](const auto& one) { return !one.second.ended; });
        ASSERT_NE(alive, histories.end());
        say("CallEnd", named(alive->second.summaries.back().id.value()));
        EXPECT_EQ(client().running(), 0U);
        expect_nothing_left();
    }
}

TEST_F(CallApiTest, AnUnknownCallIsAnErrorOfTheCommand) {
    const std::vector<std::pair<std::string, std::string>> commands = {
        {"CallEnd", named("x")},
        {"CallHold", named("x")},
        {"CallUnHold", named("x")},
        {"CallDtmf", named("x", R"("leg":"caller","digits":"1")")},
        {"CallSubscribe", named("x")},
        {"CallBlindTransfer", named("x", R"("leg":"caller","destination":"sip:a@b")")},
        {"CallAttendedTransfer",
         R"({"callid_a":"x","leg_a":"caller","callid_b":"y","leg_b":"caller"})"}};
    for (const auto& [method, params] : commands) {
        client().forget();
        say(method, params, Milliseconds(10));
        EXPECT_THAT(story(), ElementsAre("Started", HasSubstr("Error 404"), "Ended")) << method;
    }
}

TEST_F(CallApiTest, CallHoldWithoutALegHoldsBothPartiesAndSaysSoOfEach) {
    const std::string call = start();
    say("CallHold", named(call));
    EXPECT_THAT(story(), testing::UnorderedElementsAre("Started", "CALL_HOLD caller",
                                                       "CALL_HOLD callee", "Ended"));
    EXPECT_EQ(story().back(), "Ended");
    EXPECT_EQ(heard_by(0), 0);
    EXPECT_EQ(heard_by(1), 0);
    client().forget();
    say("CallUnHold", named(call));
    EXPECT_THAT(story(), testing::UnorderedElementsAre("Started", "CALL_UNHOLD caller",
                                                       "CALL_UNHOLD callee", "Ended"));
    expect_talking(0, 1);
    expect_ladder("call_api_hold_both");
}

TEST_F(CallApiTest, CallHoldWithALegHoldsThatPartyOnly) {
    const std::string call = start();
    say("CallHold", named(call, R"("leg":"caller")"));
    EXPECT_THAT(story(), ElementsAre("Started", "CALL_HOLD caller", "Ended"));
    client().forget();
    say("CallHold", named(call, R"("leg":"caller")"));
    EXPECT_THAT(story(), ElementsAre("Started", "CALL_HOLD caller", "Ended"));
    client().forget();
    say("CallUnHold", named(call));
    expect_talking(0, 1);
    expect_ladder("call_api_hold_one");
}

TEST_F(CallApiTest, AHoldThatMeetsAReInviteOfThePhoneIsRepeated) {
    const std::string call = start();
    client().say("CallHold", named(call, R"("leg":"caller")"));
    world().at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
        phone.reoffer(world().now(), sdp::Direction::SendRecv, std::nullopt, out);
    });
    world().run(Seconds(10));
    EXPECT_THAT(story(), ElementsAre("Started", "CALL_HOLD caller", "Ended"));
    EXPECT_THAT(ladder_->text(), HasSubstr("491 INVITE"));
}

TEST_F(CallApiTest, ACallThatRingsCannotBeHeld) {
    options_.phones[0].answer_after = std::nullopt;
    client().say("CallStart", R"({"caller":")" + World::phone_uri(0) + R"(","callee":")" +
                                  World::phone_uri(1) + "\"}");
    world().run(Seconds(1));
    client().forget();
    say("CallHold", named(world().histories().begin()->second.summaries.back().id.value()));
    EXPECT_THAT(story(), ElementsAre("Started", "Error 410 Dialog not ready", "Ended"));
}

TEST_F(CallApiTest, CallBlindTransferAsksThePhoneToCallSomebodyElse) {
    const std::string call = start();
    say("CallBlindTransfer",
        named(call, R"("leg":"callee","destination":")" + World::phone_uri(2) + "\""), Seconds(5));
    EXPECT_THAT(story(), ElementsAre("Started", "TRANSFER_ACCEPT", "CALL_START", "Ended"));
    EXPECT_FALSE(world().phone(0).in_call());
    expect_talking(1, 2);
    hang_up(2);
    expect_nothing_left();
    expect_ladder("call_api_blind_transfer");
}

TEST_F(CallApiTest, ARefusedReferIsAnErrorAndTheCallGoesOn) {
    options_.phones[1].follow_transfers = false;
    const std::string call = start();
    say("CallBlindTransfer",
        named(call, R"("leg":"callee","destination":")" + World::phone_uri(2) + "\""), Seconds(5));
    EXPECT_THAT(story(), ElementsAre("Started", HasSubstr("Error transfer failed: 603"), "Ended"));
    expect_talking(0, 1);
    expect_ladder("call_api_blind_transfer_refused");
}

TEST_F(CallApiTest, ABusyTargetOfATransferIsAnErrorAndTheCallGoesOn) {
    options_.phones[2].reject = sip::Rejection{.status = 486};
    const std::string call = start();
    say("CallBlindTransfer",
        named(call, R"("leg":"callee","destination":")" + World::phone_uri(2) + "\""), Seconds(5));
    EXPECT_THAT(story(), ElementsAre("Started", "TRANSFER_ACCEPT", "CALL_START",
                                     "Error transfer failed: 486 Busy Here", "Ended"));
    expect_talking(0, 1);
    expect_ladder("call_api_blind_transfer_busy");
}

TEST_F(CallApiTest, WhoHangsUpDuringATransferEndsTheCommand) {
    options_.phones[2].answer_after = std::nullopt;
    const std::string call = start();
    client().say("CallBlindTransfer",
                 named(call, R"("leg":"callee","destination":")" + World::phone_uri(2) + "\""));
    world().run(Seconds(1));
    hang_up(0);
    world().run(Seconds(2));
    EXPECT_THAT(story().back(), "Ended");
    EXPECT_EQ(client().running(), 0U);
}

TEST_F(CallApiTest, CallAttendedTransferBringsOnePartyOfEachCallTogether) {
    const std::string first = start(0, 1);
    const std::string second = start(2, 3);
    say("CallAttendedTransfer",
        R"({"callid_a":")" + first + R"(","leg_a":"caller","callid_b":")" + second +
            R"(","leg_b":"callee","destination":")" + World::phone_uri(3) + "\"}",
        Seconds(5));
    EXPECT_THAT(story(), ElementsAre("Started", "TRANSFER_ACCEPT", "CALL_START", "Ended"));
    expect_talking(0, 3);
    EXPECT_FALSE(world().phone(1).in_call());
    EXPECT_FALSE(world().phone(2).in_call());
    hang_up(0);
    expect_nothing_left();
    expect_ladder("call_api_attended_transfer");
}

TEST_F(CallApiTest, CallListShowsBothPartiesOfACallAsOne) {
    start();
    say("CallList", "{}", Milliseconds(1));
    const auto reply = wire::parse_json(client().heard().at(0)).value().as_object();
    const auto& calls = reply.at("result").as_object().at("calls").as_array();
    ASSERT_EQ(calls.size(), 1U);
    const auto& call = calls[0].as_object();
    EXPECT_EQ(call.at("state"), "answered");
    EXPECT_EQ(call.at("caller").as_string(), World::phone_uri(0));
    EXPECT_EQ(call.at("callee").as_string(), World::phone_uri(1));
    EXPECT_EQ(call.at("legs").as_array().size(), 2U);
}

TEST_F(CallApiTest, CallInfoFindsACallByEveryNameOfIt) {
    start();
    for (const auto& [key, history] : world().histories()) {
        client().forget();
        say("CallInfo", named(history.summaries.back().id.value()), Milliseconds(1));
        EXPECT_THAT(client().heard().at(0), HasSubstr("\"state\":\"answered\""));
    }
    client().forget();
    say("CallInfo", named("nobody"), Milliseconds(1));
    EXPECT_THAT(client().heard().at(0), HasSubstr("404 Dialog not found"));
}

TEST_F(CallApiTest, CallSubscribeTellsTheLifeOfACallOnce) {
    say("CallSubscribe", R"({"cmd_id":"watch"})", Milliseconds(1));
    start();
    say("CallEnd", named(world().histories().begin()->second.summaries.back().id.value()));
    std::vector<std::string> states;
    for (const std::string& text : client().heard()) {
        const auto message = wire::parse_json(text).value().as_object();
        if (message.contains("params") && message.at("params").as_object().contains("call")) {
            states.emplace_back(
                message.at("params").as_object().at("call").as_object().at("state").as_string());
        }
    }
    EXPECT_EQ(std::count(states.begin(), states.end(), "ended"), 1);
    client().forget();
    say("CallCancel", R"({"cmd_id":"watch"})", Milliseconds(1));
    EXPECT_THAT(client().heard(), ElementsAre(HasSubstr("Canceled"), HasSubstr("Ended")));
}

TEST_F(CallApiTest, CallCancelGivesAStartUp) {
    options_.phones[1].answer_after = std::nullopt;
    client().say("CallStart", R"({"cmd_id":"s","caller":")" + World::phone_uri(0) +
                                  R"(","callee":")" + World::phone_uri(1) + "\"}");
    world().run(Seconds(1));
    client().forget();
    say("CallCancel", R"({"cmd_id":"s"})");
    EXPECT_THAT(story(), ElementsAre("Started", "Error canceled", "Ended"));
    expect_nothing_left();
}

TEST_F(CallApiTest, CallDtmfPressesKeysForAParty) {
    const std::string call = start();
    say("CallDtmf", named(call, R"("leg":"callee","digits":"42")"), Seconds(3));
    EXPECT_THAT(story(), ElementsAre("Started", "Ended"));
    std::string keys;
    for (const lab::PhoneEvent& event : world().phone_events(1)) {
        if (const auto* digit = std::get_if<lab::PhoneDigit>(&event)) {
            keys += digit->digit;
        }
    }
    EXPECT_EQ(keys, "42");
    client().forget();
    say("CallDtmf", named(call, R"("leg":"callee","digits":"4x")"));
    EXPECT_THAT(story(), ElementsAre("Started", HasSubstr("Error 400"), "Ended"));
}

TEST_F(CallApiTest, TwoHundredStartsAtOnceAreNotMixedUp) {
    options_.phones[0].reject = sip::Rejection{.status = 486};
    constexpr int kStarts = 200;
    for (int i = 0; i < kStarts; ++i) {
        client().say("CallStart", R"({"cmd_id":"c)" + std::to_string(i) + R"(","caller":")" +
                                      World::phone_uri(0) + R"(","callee":")" +
                                      World::phone_uri(1) + "\"}");
    }
    world().run(Seconds(5));
    std::map<std::string, std::vector<std::string>> stories;
    for (const std::string& text : client().heard()) {
        const auto message = wire::parse_json(text).value().as_object();
        const bool result = message.contains("result");
        const auto& part = message.at(result ? "result" : "params").as_object();
        stories[std::string(part.at("cmd_id").as_string())].emplace_back(
            result ? "Started" : message.at("method").as_string());
    }
    EXPECT_EQ(stories.size(), static_cast<std::size_t>(kStarts));
    for (const auto& [id, words] : stories) {
        EXPECT_THAT(words, ElementsAre("Started", "Error", "Ended")) << id;
    }
    expect_nothing_left();
}

}  // namespace
}  // namespace patchbay::test
