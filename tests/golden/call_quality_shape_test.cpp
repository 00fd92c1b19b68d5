// SPDX-License-Identifier: Apache-2.0
#include "api/messages/call_quality.hpp"
#include "golden/pretty_json.hpp"
#include "support/approval.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace patchbay::test {
namespace {

TEST(CallQualityShape, HasOnePartyOfACallEachAndOnlyThoseThatAreHeard) {
    call::SessionSummary phone;
    phone.id = call::SessionId("phone");
    phone.partner = call::SessionId("browser");
    phone.main_call = call::SessionId("browser");
    phone.audio = call::AudioQuality{.codec = "PCMU",
                                     .packets_sent = 1500,
                                     .packets_received = 1498,
                                     .packets_lost = 2,
                                     .loss_percent = 0.13333,
                                     .jitter = Microseconds(1250),
                                     .round_trip = Milliseconds(48),
                                     .mos = 4.36789};
    call::SessionSummary browser;
    browser.id = call::SessionId("browser");
    browser.audio = call::AudioQuality{.codec = "opus"};
    call::SessionSummary rings;
    rings.id = call::SessionId("rings");
    const std::vector<call::SessionSummary> calls{browser, phone, rings};
    EXPECT_TRUE(is_approved("tests/golden/approved/call_quality.json",
                            pretty(api::encode_body(api::make_quality_list(calls)))));
    EXPECT_EQ(api::encode_body(api::make_quality_list({})), R"({"calls":[]})");
}

}  // namespace
}  // namespace patchbay::test
