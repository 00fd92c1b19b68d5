// SPDX-License-Identifier: Apache-2.0
// What is said to Chrome, to a page and to a Node helper, and what they say.
#include "api/bridge/devtools_json.hpp"
#include "api/bridge/helper_json.hpp"
#include "api/bridge/page_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace patchbay::test {
namespace {

namespace page = bridge::page;
namespace devtools = page::devtools;
using testing::HasSubstr;

std::string written(devtools::Method method, std::string session = {}) {
    return api::bridge::write_devtools({7, std::move(session), std::move(method)});
}

TEST(DevToolsShapes, RequestsAreOfTheProtocol) {
    EXPECT_EQ(written(devtools::GetTargets{}),
              R"({"id":7,"method":"Target.getTargets","params":{}})");
    EXPECT_EQ(
        written(devtools::AttachToTarget{"T"}),
        R"({"id":7,"method":"Target.attachToTarget","params":{"targetId":"T","flatten":true}})");
    EXPECT_EQ(written(devtools::BypassPolicy{}, "S"),
              R"({"id":7,"sessionId":"S","method":"Page.setBypassCSP","params":{"enabled":true}})");
    EXPECT_EQ(
        written(devtools::GrantPermissions{"https://a.example", {"audioCapture"}}),
        R"({"id":7,"method":"Browser.grantPermissions","params":{"origin":"https://a.example","permissions":["audioCapture"]}})");
    EXPECT_EQ(
        written(devtools::Evaluate{"1"}, "S"),
        R"({"id":7,"sessionId":"S","method":"Runtime.evaluate","params":{"expression":"1","awaitPromise":true,"returnByValue":true,"userGesture":true}})");
}

TEST(DevToolsShapes, AnswersAreReadWithWhatTheyHold) {
    const auto targets = api::bridge::read_devtools(
        R"({"id":1,"result":{"targetInfos":[{"targetId":"T","type":"page","url":"http://a/"}]}})");
    ASSERT_TRUE(targets);
    ASSERT_EQ(std::get<devtools::Reply>(*targets).targets.size(), 1U);
    EXPECT_EQ(std::get<devtools::Reply>(*targets).targets[0].url, "http://a/");
    const auto value = api::bridge::read_devtools(
        R"({"id":2,"sessionId":"S","result":{"result":{"type":"string","value":"{\"a\":1}"}}})");
    ASSERT_TRUE(value);
    EXPECT_EQ(std::get<devtools::Reply>(*value).value, R"({"a":1})");
    for (
        const char* bad :
        {R"({"id":3,"error":{"code":-32000,"message":"words"}})",
         R"({"id":3,"result":{"frameId":"F","errorText":"words"}})",
         R"({"id":3,"result":{"exceptionDetails":{"text":"Uncaught","exception":{"description":"words"}}}})"}) {
        const auto failed = api::bridge::read_devtools(bad);
        ASSERT_TRUE(failed) << bad;
        EXPECT_EQ(std::get<devtools::Reply>(*failed).error, "words") << bad;
    }
}

TEST(DevToolsShapes, EventsOfThePageAreTold) {
    const auto said = api::bridge::read_devtools(
        R"({"method":"Runtime.bindingCalled","params":{"name":"tell","payload":"{}","executionContextId":3},"sessionId":"S"})");
    ASSERT_TRUE(said);
    EXPECT_EQ(std::get<devtools::Event>(*said).kind, devtools::EventKind::BindingCalled);
    EXPECT_EQ(std::get<devtools::Event>(*said).session, "S");
    const auto crashed = api::bridge::read_devtools(
        R"({"method":"Target.targetCrashed","params":{"targetId":"T","status":"crashed","errorCode":5}})");
    ASSERT_TRUE(crashed);
    EXPECT_EQ(std::get<devtools::Event>(*crashed).kind, devtools::EventKind::Crashed);
    EXPECT_EQ(std::get<devtools::Event>(*crashed).target, "T");
    const auto detached = api::bridge::read_devtools(
        R"({"method":"Target.detachedFromTarget","params":{"sessionId":"S","targetId":"T"}})");
    ASSERT_TRUE(detached);
    EXPECT_EQ(std::get<devtools::Event>(*detached).kind, devtools::EventKind::Closed);
    EXPECT_EQ(api::bridge::read_devtools_version(
                  R"({"Browser":"Chrome/1","webSocketDebuggerUrl":"ws://127.0.0.1:9222/x"})")
                  .value(),
              "ws://127.0.0.1:9222/x");
}

TEST(PageShapes, TheSixEventsOfAnAdapterAreRead) {
    const auto read = [](const char* text) { return api::bridge::read_page_notice(text).value(); };
    EXPECT_FALSE(std::get<page::Ready>(read(R"({"event":"ready","paired":false})")).paired);
    EXPECT_EQ(
        std::get<page::Incoming>(read(R"({"event":"incoming","call":"1","number":"55"})")).number,
        "55");
    EXPECT_EQ(std::get<page::Ringing>(read(R"({"event":"ringing","call":"1"})")).call, "1");
    EXPECT_EQ(std::get<page::Accepted>(read(R"({"event":"accepted","call":"1"})")).call, "1");
    EXPECT_EQ(std::get<page::Ended>(read(R"({"event":"ended","call":"1","reason":"busy"})")).reason,
              "busy");
    EXPECT_EQ(std::get<page::Keys>(read(R"({"event":"keys","call":"1","digits":"5#"})")).digits,
              "5#");
    EXPECT_EQ(std::get<page::AudioFrames>(read(R"({"event":"frame","pcm":"AAE="})")).samples,
              (Bytes{0, 1}));
    EXPECT_FALSE(api::bridge::read_page_notice(R"({"event":"pigeon"})"));
    EXPECT_FALSE(api::bridge::read_page_notice("[]"));
}

TEST(PageShapes, TheFiveFunctionsOfAnAdapterAreAskedFor) {
    page::Command command{
        .kind = page::CommandKind::Place, .call = {}, .number = "+55", .digits = {}, .sdp = {}};
    EXPECT_EQ(api::bridge::write_page_command(command),
              R"(patchbay.run({"name":"place","number":"+55"}))");
    command = {.kind = page::CommandKind::SendKeys,
               .call = "a\"b",
               .number = {},
               .digits = "5",
               .sdp = {}};
    EXPECT_EQ(api::bridge::write_page_command(command),
              R"(patchbay.run({"name":"sendKeys","call":"a\"b","digits":"5"}))");
    const auto answer = api::bridge::read_page_answer(R"({"error":"no","reason":"busy"})");
    EXPECT_EQ(answer.error, "no");
    EXPECT_EQ(answer.reason, "busy");
    EXPECT_FALSE(api::bridge::read_page_answer("").error.empty());
    EXPECT_EQ(api::bridge::write_page_frames(Bytes{0, 1}), R"(patchbay.play("AAE="))");
}

TEST(HelperShapes, AHelperIsToldAndItsAdviceLimitedToWhatEndsCallsAndPressesKeys) {
    EXPECT_EQ(api::bridge::write_signal("default", R"({"event":"ready"})"),
              R"({"bridge":"default","notice":{"event":"ready"}})");
    const auto advice = api::bridge::read_signal_answer(
        R"({"commands":[{"name":"reject","call":"1"},{"name":"place","number":"1"},{"name":"sendKeys","call":"1","digits":"5"}]})");
    ASSERT_TRUE(advice);
    ASSERT_EQ(advice->size(), 2U);
    EXPECT_EQ((*advice)[0].kind, page::CommandKind::Reject);
    EXPECT_EQ((*advice)[1].digits, "5");
    EXPECT_EQ(api::bridge::read_browser_started(R"({"url":"ws://10.1.0.7:9222/x"})").value(),
              "ws://10.1.0.7:9222/x");
}

}  // namespace
}  // namespace patchbay::test
