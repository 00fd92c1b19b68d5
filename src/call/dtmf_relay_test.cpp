// SPDX-License-Identifier: Apache-2.0
#include "call/dtmf_relay.hpp"

#include <gtest/gtest.h>

namespace patchbay::call {
namespace {

TEST(DtmfRelay, ReadsTheSignalOfEveryKey) {
    for (const char key : std::string_view("0123456789*#ABCD")) {
        const std::string body = "Signal=" + std::string(1, key) + "\r\nDuration=160\r\n";
        EXPECT_EQ(dtmf_digit("application/dtmf-relay", body), key);
        EXPECT_EQ(dtmf_digit("application/dtmf", std::string(1, key)), key);
    }
}

TEST(DtmfRelay, ToleratesSpacesCaseOrderAndParameters) {
    EXPECT_EQ(dtmf_digit("Application/DTMF-Relay; x=y", "duration= 160\nSIGNAL = d \n"), 'D');
    EXPECT_EQ(dtmf_digit("application/dtmf-relay", "Signal=10\r\n"), '*');
    EXPECT_EQ(dtmf_digit("application/dtmf-relay", "Signal= 11\r\n"), '#');
}

TEST(DtmfRelay, LeavesOtherBodiesAlone) {
    EXPECT_EQ(dtmf_digit("application/sdp", "Signal=5"), std::nullopt);
    EXPECT_EQ(dtmf_digit("application/dtmf-relay", "Duration=160\r\n"), std::nullopt);
    EXPECT_EQ(dtmf_digit("application/dtmf-relay", "Signal=E\r\n"), std::nullopt);
    EXPECT_EQ(dtmf_digit("application/dtmf-relay", ""), std::nullopt);
}

}  // namespace
}  // namespace patchbay::call
