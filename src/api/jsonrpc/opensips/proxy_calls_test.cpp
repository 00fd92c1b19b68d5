// SPDX-License-Identifier: Apache-2.0
#include "api/jsonrpc/opensips/proxy_calls.hpp"

#include "api/jsonrpc/connection.hpp"
#include "support/fake_opensips.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::api::jsonrpc::opensips {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Behaviour = test::FakeOpenSips::Behaviour;

constexpr CommandKey kKey{1};

// The backend and the double of the proxy, joined; time is moved by the test.
class ProxyTest : public testing::TestWithParam<int> {
  protected:
    void SetUp() override { behaviour_.version = GetParam(); }

    test::FakeOpenSips& proxy() {
        if (!proxy_) {
            proxy_.emplace(behaviour_);
            proxy_->dialogs = {{"call-1", true}, {"call-2", true}, {"ringing", false}};
        }
        return *proxy_;
    }
    void begin(Command command, CommandKey key = kKey) {
        proxy();
        ProxyOutputs out;
        calls_.begin(now_, key, command, out);
        perform(out);
    }
    void perform(ProxyOutputs& out) {
        for (std::size_t i = 0; i < out.size(); ++i) {
            const ProxyOutput output = out[i];
            if (const auto* report = std::get_if<TellReport>(&output)) {
                reports_[report->key].push_back(report->report);
                continue;
            }
            for (const std::string& back : proxy().handle(std::get<SendRequest>(output).datagram)) {
                calls_.handle_datagram(now_, back, out);
            }
        }
    }
    void receive(const std::string& datagram) {
        ProxyOutputs out;
        calls_.handle_datagram(now_, datagram, out);
        perform(out);
    }
    void pass(Nanoseconds time) {
        const Instant end = now_ + time;
        while (calls_.next_timeout() && *calls_.next_timeout() <= end) {
            now_ = std::max(now_, *calls_.next_timeout());
            ProxyOutputs out;
            calls_.handle_timeout(now_, out);
            perform(out);
        }
        now_ = end;
    }
    std::vector<std::string> story(CommandKey key = kKey) {
        static constexpr std::array kNames = {
            "CallerAnswered", "Transferring", "TransferStart", "TransferPending", "TransferDone",
            "Holding",        "HoldStart",    "HoldDone",      "Unholding",       "UnholdStart",
            "UnholdDone",     "Reply",        "CallState"};
        std::vector<std::string> words;
        for (const Report& report : reports_[key]) {
            if (const auto* progress = std::get_if<Progress>(&report)) {
                std::string word = kNames.at(static_cast<std::size_t>(progress->step));
                if (progress->leg) {
                    word += " " + std::string(to_string(*progress->leg));
                }
                words.push_back(word);
            } else if (const auto* failed = std::get_if<Failed>(&report)) {
                words.push_back("Failed: " + failed->text);
            } else if (std::holds_alternative<Done>(report)) {
                words.emplace_back("Done");
            } else {
                words.push_back(std::get<QueryResult>(report).result.json());
            }
        }
        return words;
    }
    static CallStart start() {
        CallStart start;
        start.caller = "sip:alice@x";
        start.callee = "sip:bob@x";
        return start;
    }
    static CallBlindTransfer blind(std::string callid = "call-1") {
        return {.callid = std::move(callid), .leg = Party::Callee, .destination = "sip:carol@x"};
    }
    static CallHold hold(std::string callid = "call-1", std::optional<Party> leg = std::nullopt) {
        return {.callid = std::move(callid), .leg = leg};
    }
    std::size_t count(const std::string& method) {
        return static_cast<std::size_t>(
            std::count(proxy().methods.begin(), proxy().methods.end(), method));
    }

    Behaviour behaviour_;
    Instant now_{};
    SeededRandom random_{1};
    ProxyCalls calls_{{.event_address = "udp:127.0.0.1:4000", .next_hop = "sip:127.0.0.1"},
                      random_};
    std::optional<test::FakeOpenSips> proxy_;
    std::map<CommandKey, std::vector<Report>> reports_;
};

TEST_P(ProxyTest, CallStartCallsTheCallerAndTransfersHimAndHangsHisFirstCallUp) {
    begin(start());
    pass(Seconds(1));
    EXPECT_THAT(story(), ElementsAre("CallerAnswered", "Transferring", "TransferStart",
                                     "TransferPending", "TransferDone", "Done"));
    const auto& invite = proxy().requests[2];
    EXPECT_EQ(proxy().methods[2], "t_uac_dlg");
    EXPECT_EQ(invite.at("next_hop"), "sip:127.0.0.1");
    EXPECT_THAT(invite.at("headers"), HasSubstr("To: <sip:bob@x>\r\n"));
    EXPECT_THAT(invite.at("body"), HasSubstr("c=IN IP4 0.0.0.0"));
    const auto& bye = proxy().requests.back();
    EXPECT_EQ(bye.at("method"), "BYE");
    EXPECT_EQ(bye.at("ruri"), "sip:alice@127.0.0.1:5071");
    EXPECT_EQ(bye.at("next_hop"), "sip:127.0.0.1;lr;did=d1");
    EXPECT_THAT(bye.at("headers"), HasSubstr("Route: <sip:127.0.0.1;lr;did=d1>\r\n"));
    EXPECT_THAT(bye.at("headers"), HasSubstr("To: <sip:b@x>;tag=t1\r\n"));
}

TEST_P(ProxyTest, ABusyCallerFailsTheStart) {
    behaviour_.caller_status = "486 Busy Here";
    begin(start());
    EXPECT_THAT(story(), ElementsAre("Failed: failed to establish initial call: 486 Busy Here"));
}

TEST_P(ProxyTest, ABusyCalleeFailsTheStartOnceAndTheCallerIsHungUp) {
    behaviour_.transfer_status = "486 Busy Here";
    begin(start());
    pass(Seconds(1));
    EXPECT_THAT(story(), ElementsAre("CallerAnswered", "Transferring", "TransferStart",
                                     "TransferPending", "Failed: transfer failed: 486 Busy Here"));
    EXPECT_EQ(proxy().requests.back().at("method"), "BYE");
}

TEST_P(ProxyTest, ARefusedReferOfWhichNothingIsToldEndsTheCommandAndTheCallersCall) {
    behaviour_.silent_refer = true;
    begin(start());
    pass(Seconds(60));
    EXPECT_THAT(story(), ElementsAre("CallerAnswered", "Transferring",
                                     "Failed: 408 the phone did not act on the request"));
    EXPECT_EQ(proxy().requests.back().at("method"), "BYE");
}

TEST_P(ProxyTest, ACallerWhoRingsOnIsGivenUpAndItsInviteCanceled) {
    behaviour_.caller_status = "";
    CallStart command = start();
    command.timeout = call::HandshakeTimeout(Milliseconds(5000));
    begin(command);
    pass(Seconds(6));
    EXPECT_THAT(story(),
                ElementsAre("Failed: failed to establish initial call: 408 Request Timeout"));
    EXPECT_EQ(proxy().methods.back(), "t_uac_cancel");
    receive(proxy().late_invite_reply("487 Request Terminated"));
    EXPECT_THAT(story().size(), 1U);
}

TEST_P(ProxyTest, AStartIsCanceled) {
    behaviour_.caller_status = "";
    begin(start());
    ProxyOutputs out;
    calls_.cancel(now_, kKey, out);
    perform(out);
    EXPECT_EQ(proxy().methods.back(), "t_uac_cancel");
    EXPECT_THAT(story(), ElementsAre("Failed: canceled"));
}

TEST_P(ProxyTest, EventsThatOvertakeTheReplyKeepTheDocumentedOrder) {
    behaviour_.events_first = true;
    begin(blind());
    EXPECT_THAT(story(), ElementsAre("Transferring", "TransferStart", "TransferPending",
                                     "TransferDone", "Done"));
    begin(hold("call-2"), CommandKey(2));
    pass(Seconds(2));
    EXPECT_THAT(story(CommandKey(2)), ElementsAre("Holding", "HoldStart caller", "HoldStart callee",
                                                  "HoldDone caller", "HoldDone callee", "Done"));
}

TEST_P(ProxyTest, EventsThatComeTwiceAreToldOnce) {
    behaviour_.events_twice = true;
    behaviour_.transfer_rings = false;
    begin(blind());
    EXPECT_THAT(story(), ElementsAre("Transferring", "TransferStart", "TransferDone", "Done"));
}

TEST_P(ProxyTest, ABlindTransferEndsTheOldCallWhenTheNewOneIsUp) {
    begin(blind());
    EXPECT_FALSE(proxy().dialogs.contains("call-1"));
}

TEST_P(ProxyTest, AFailedTransferLeavesTheOldCall) {
    behaviour_.transfer_status = "486 Busy Here";
    begin(blind());
    EXPECT_TRUE(proxy().dialogs.contains("call-1"));
    EXPECT_EQ(story().back(), "Failed: transfer failed: 486 Busy Here");
    // The proxy takes no second one on that call.
    begin(blind(), CommandKey(2));
    EXPECT_THAT(story(CommandKey(2)), ElementsAre("Failed: 491 Request Pending"));
}

TEST_P(ProxyTest, AnAttendedTransferNamesBothCallsAndTheDestination) {
    CallAttendedTransfer transfer{.callid_a = "call-1",
                                  .leg_a = Party::Caller,
                                  .callid_b = "call-2",
                                  .leg_b = Party::Callee,
                                  .destination = "sip:carol@x"};
    begin(transfer);
    EXPECT_EQ(story().back(), "Done");
    const auto sent = std::find(proxy().methods.begin(), proxy().methods.end(), "call_transfer");
    const auto& params = proxy().requests[static_cast<std::size_t>(sent - proxy().methods.begin())];
    EXPECT_EQ(params.at("transfer_callid"), "call-2");
    EXPECT_EQ(params.at("transfer_leg"), "callee");
    EXPECT_EQ(params.at("destination"), "sip:carol@x");
    transfer.callid_a = "call-2";
    transfer.callid_b = "nobody";
    begin(transfer, CommandKey(2));
    EXPECT_THAT(story(CommandKey(2)), ElementsAre("Failed: 404 Transfer dialog not found"));
}

TEST_P(ProxyTest, ErrorsOfTheProxyAreShownAsTheOriginalShowsThem) {
    begin(blind("nobody"));
    EXPECT_THAT(story(), ElementsAre("Failed: 404 Dialog not found"));
    begin(hold("ringing"), CommandKey(2));
    EXPECT_THAT(story(CommandKey(2)), ElementsAre("Failed: 410 Dialog not ready"));
    begin(CallEnd{"nobody"}, CommandKey(3));
    EXPECT_THAT(story(CommandKey(3)), ElementsAre("Failed: 404 Requested Dialog not found"));
}

TEST_P(ProxyTest, HoldIsOverWhenBothPartiesAreAndUnholdToo) {
    begin(hold());
    EXPECT_THAT(story(), ElementsAre("Holding", "HoldStart caller", "HoldStart callee",
                                     "HoldDone caller", "HoldDone callee", "Done"));
    begin(CallUnHold{.callid = "call-1", .leg = {}}, CommandKey(2));
    EXPECT_THAT(story(CommandKey(2)),
                ElementsAre("Unholding", "UnholdStart callee", "UnholdStart caller",
                            "UnholdDone callee", "UnholdDone caller", "Done"));
    begin(CallUnHold{.callid = "call-1", .leg = {}}, CommandKey(3));
    EXPECT_THAT(story(CommandKey(3)), ElementsAre("Failed: 480 No dialog legs on hold"));
}

TEST_P(ProxyTest, AHoldThatOnePhoneRefusesEndsWithAnError) {
    behaviour_.hold_fails_for = "callee";
    begin(hold());
    EXPECT_THAT(story().back(), "Failed: callee: the phone refused");
}

TEST_P(ProxyTest, AHoldThatNeedsNoChangeEndsWithoutEvents) {
    behaviour_.hold_needs_no_change = true;
    begin(hold());
    EXPECT_THAT(story(), ElementsAre("Holding"));
    pass(Seconds(2));
    EXPECT_THAT(story(), ElementsAre("Holding", "Done"));
}

TEST_P(ProxyTest, HoldOfOnePartyNeedsTheVersionThatCanDoIt) {
    begin(hold("call-1", Party::Caller));
    pass(Seconds(2));
    if (GetParam() == 4) {
        EXPECT_EQ(story().back(), "Done");
    } else {
        EXPECT_THAT(story().back(), HasSubstr("501 this proxy can hold both parties only"));
        EXPECT_EQ(count("call_hold"), 0U);
    }
}

TEST_P(ProxyTest, HoldsOfTwoCallsDoNotHearEachOther) {
    behaviour_.events_first = true;
    begin(hold("call-1"));
    begin(hold("call-2"), CommandKey(2));
    EXPECT_EQ(story().size(), 6U);
    EXPECT_EQ(story(CommandKey(2)).size(), 6U);
}

TEST_P(ProxyTest, ACallThatEndsUnderATransferEndsTheCommand) {
    behaviour_.silent_refer = true;
    begin(blind());
    receive(test::FakeOpenSips::dialog_ended("call-1"));
    EXPECT_EQ(story().back(), "Failed: 481 the call has ended");
}

TEST_P(ProxyTest, AProxyThatDoesNotAnswerFailsEachCommand) {
    behaviour_.drops_replies = true;
    begin(start());
    begin(CallEnd{"call-1"}, CommandKey(2));
    pass(Seconds(20));
    EXPECT_THAT(story(), ElementsAre("Failed: 504 the proxy did not answer"));
    EXPECT_THAT(story(CommandKey(2)), ElementsAre("Failed: 504 the proxy did not answer"));
    EXPECT_EQ(calls_.running(), 0U);
}

TEST_P(ProxyTest, ARefusedSubscriptionFailsTheCommand) {
    behaviour_.refuses_subscriptions = true;
    begin(hold());
    EXPECT_THAT(story(), ElementsAre("Failed: Could not subscribe for event"));
}

TEST_P(ProxyTest, SubscriptionsAreSharedAndRenewedWhileTheyAreNeeded) {
    begin(CallSubscribe{});
    begin(CallSubscribe{.callid = "call-1"}, CommandKey(2));
    EXPECT_EQ(count("event_subscribe"), 1U);
    pass(Seconds(130));
    EXPECT_EQ(count("event_subscribe"), 3U);
    receive(test::FakeOpenSips::dialog_ended("call-2"));
    EXPECT_THAT(story(), ElementsAre("CallState"));
    EXPECT_THAT(story(CommandKey(2)), IsEmpty());
    ProxyOutputs out;
    calls_.cancel(now_, kKey, out);
    calls_.cancel(now_, CommandKey(2), out);
    perform(out);
    pass(Seconds(300));
    EXPECT_EQ(count("event_subscribe"), 3U);
}

TEST_P(ProxyTest, DialogsAreListed) {
    proxy();
    ProxyOutputs out;
    calls_.ask(now_, kKey, CallList{}, out);
    calls_.ask(now_, CommandKey(2), CallInfo{"call-1"}, out);
    calls_.ask(now_, CommandKey(3), CallInfo{"nobody"}, out);
    perform(out);
    EXPECT_THAT(story().at(0), HasSubstr(R"("callid":"ringing","state":"ringing")"));
    EXPECT_THAT(story(CommandKey(2)).at(0), HasSubstr(R"({"call":{"callid":"call-1")"));
    EXPECT_THAT(story(CommandKey(3)).at(0), HasSubstr("404 No such dialog"));
}

TEST_P(ProxyTest, WhatIsNoMessageIsIgnored) {
    for (const char* text :
         {"", "400 Parse_error", "[]", "{}", R"({"id":"x","result":1})", R"({"id":-1,"result":1})",
          R"({"method":"E_CALL_HOLD","params":[]})", R"({"id":99,"result":"OK"})"}) {
        receive(text);
    }
    EXPECT_THAT(reports_, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Versions, ProxyTest, testing::Values(3, 4), [](const auto& one) {
    return "OpenSips" + std::to_string(one.param);
});

}  // namespace
}  // namespace patchbay::api::jsonrpc::opensips
