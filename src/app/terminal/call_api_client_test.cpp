// SPDX-License-Identifier: Apache-2.0
#include "app/terminal/call_api_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::app {
namespace {

TEST(CallApiNews, AnErrorResponseIsTheLastThingThatComes) {
    const CallApiNews news = read_call_api_news(
        R"({"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":"1"})");
    EXPECT_TRUE(news.error_response);
    EXPECT_EQ(news.error, "Method not found");
    // The original's own, whose code is positive.
    EXPECT_TRUE(read_call_api_news(
                    R"({"jsonrpc":"2.0","error":{"code":32000,"message":"unknown"},"id":""})")
                    .error_response);
    EXPECT_TRUE(read_call_api_news(R"({"jsonrpc":"2.0","error":"broken","id":1})").error_response);
}

TEST(CallApiNews, ACommandStartsAndAQueryIsOver) {
    const CallApiNews started = read_call_api_news(
        R"({"jsonrpc":"2.0","result":{"cmd_id":"c","status":"Started","event":"Started"},"id":1})");
    EXPECT_TRUE(started.started);
    EXPECT_FALSE(started.ended);
    EXPECT_EQ(started.cmd_id, "c");
    EXPECT_TRUE(read_call_api_news(R"({"jsonrpc":"2.0","result":{"calls":[]},"id":1})").ended);
}

TEST(CallApiNews, TheContractsWordsAreUnderstood) {
    const CallApiNews word = read_call_api_news(
        R"({"jsonrpc":"2.0","method":"Event","params":{"cmd_id":"c","data":"CALL_HOLD","leg":"caller"}})");
    EXPECT_EQ(word.event, "CALL_HOLD");
    EXPECT_EQ(word.data, "map[leg:caller]");
    EXPECT_FALSE(word.ended);
    const CallApiNews error = read_call_api_news(
        R"({"jsonrpc":"2.0","method":"Error","params":{"cmd_id":"c","error_msg":"486 Busy Here"}})");
    EXPECT_EQ(error.error, "486 Busy Here");
    EXPECT_FALSE(error.ended);
    EXPECT_TRUE(
        read_call_api_news(R"({"jsonrpc":"2.0","method":"Ended","params":{"cmd_id":"c"}})").ended);
}

TEST(CallApiNews, TheLaterDialectIsUnderstoodAndPrintedAsGoPrintsMaps) {
    const CallApiNews start = read_call_api_news(
        R"({"jsonrpc":"2.0","method":"CallStart","params":{"cmd_id":"c","event":"TransferStart",)"
        R"("data":{"caller":"sip:a@x","callid":"n"}}})");
    EXPECT_EQ(start.event, "TransferStart");
    EXPECT_EQ(start.data, "map[caller:sip:a@x callid:n]");
    const CallApiNews error = read_call_api_news(
        R"({"jsonrpc":"2.0","method":"CallEnd","params":{"cmd_id":"c","event":"Error","data":"404 x"}})");
    EXPECT_EQ(error.error, "404 x");
    EXPECT_TRUE(
        read_call_api_news(
            R"({"jsonrpc":"2.0","method":"CallEnd","params":{"cmd_id":"c","event":"Ended"}})")
            .ended);
}

TEST(CallApiNews, WhatIsNoMessageIsNoNews) {
    for (const char* text : {"", "{", "[]", "null", "1", "{}", R"({"method":"Event"})"}) {
        const CallApiNews news = read_call_api_news(text);
        EXPECT_FALSE(news.error_response || news.started || news.ended || news.error) << text;
    }
}

// What the original's client sends: the id is always a string, and params are left out where there
// are none.
TEST(CallApiRequest, IsWrittenAsTheOriginalWritesIt) {
    EXPECT_EQ(write_call_api_request("Echo", std::nullopt, ""),
              R"({"jsonrpc":"2.0","method":"Echo","id":""})");
    EXPECT_EQ(write_call_api_request("CallEnd", R"({"callid":"x"})", "7"),
              R"({"jsonrpc":"2.0","method":"CallEnd","params":{"callid":"x"},"id":"7"})");
}

}  // namespace
}  // namespace patchbay::app
