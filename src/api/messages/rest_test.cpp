// SPDX-License-Identifier: Apache-2.0
#include "api/messages/rest.hpp"

#include <gtest/gtest.h>

namespace patchbay::api {
namespace {

const call::SessionSummary kCall{.id = call::SessionId("s1"),
                                 .kind = call::SessionKind::WebSocket,
                                 .caller = "sip:alice:hunter2@example.com",
                                 .callee = "0987654321",
                                 .created_at = {1704110400000},
                                 .answered_at = WallTime{1704110405250}};

TEST(CallLists, HasTheContractsShapeAndShowsOnlyTheParties) {
    EXPECT_EQ(encode_body(make_call_list({&kCall, 1})),
              R"({"calls":[{"id":"s1","call_type":"webSocket","created_at":"2024-01-01T12:00:00Z",)"
              R"("option":{"caller":"sip:alice@example.com","callee":"0987654321"}}]})");
    EXPECT_EQ(encode_body(make_call_list({})), R"({"calls":[]})");
}

TEST(ActiveCallList, HasTheOriginalsShape) {
    EXPECT_EQ(encode_body(make_active_call_list({&kCall, 1})),
              R"({"active_calls":[{"id":"s1","callType":"webSocket",)"
              R"("cs.option":{"caller":"sip:alice@example.com","callee":"0987654321"},)"
              R"("startTime":"2024-01-01T12:00:05.250Z"}]})");
    EXPECT_EQ(encode_body(make_active_call_list({})), R"({"active_calls":[]})");
}

TEST(RestBodies, AreWhatTheContractShows) {
    EXPECT_EQ(encode_body(true), "true");
    EXPECT_EQ(encode_body(CallStatus{"killed", "s1"}), R"({"status":"killed","id":"s1"})");
    EXPECT_EQ(encode_body(PrecacheStatus{.status = "cached", .cache_key = "hello", .bytes = 32000}),
              R"({"status":"cached","cacheKey":"hello","bytes":32000})");
    EXPECT_EQ(encode_body(PrecacheStatus{.status = "error", .error = "no voice"}),
              R"({"status":"error","error":"no voice"})");
    EXPECT_EQ(encode_body(ErrorBody{"no such call"}), R"({"error":"no such call"})");
    const IceServer stun{.urls = {"stun:stun.example.com:3478"}};
    EXPECT_EQ(encode_body({&stun, 1}),
              R"([{"urls":["stun:stun.example.com:3478"],"username":null,"credential":null}])");
}

}  // namespace
}  // namespace patchbay::api
