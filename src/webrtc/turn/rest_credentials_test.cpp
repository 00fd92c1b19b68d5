// SPDX-License-Identifier: Apache-2.0
#include "webrtc/turn/rest_credentials.hpp"

#include <gtest/gtest.h>

namespace patchbay::webrtc {
namespace {

// Computed by Python's hmac and base64.
TEST(TurnRestCredentials, AreWhatATurnServerWithTheSecretExpects) {
    const auto credentials = make_rest_credentials(Secret<std::string>("north"), "patchbay",
                                                   WallTime{1'790'003'600'999});
    EXPECT_EQ(credentials.username, "1790003600:patchbay");
    EXPECT_EQ(credentials.password, "2wF/cz/ix15Ar4cjQXZb6LIo9h4=");
}

TEST(TurnRestCredentials, DependOnEverything) {
    const Secret<std::string> secret("north");
    const auto one = make_rest_credentials(secret, "a", WallTime{1000});
    EXPECT_NE(one, make_rest_credentials(secret, "b", WallTime{1000}));
    EXPECT_NE(one, make_rest_credentials(secret, "a", WallTime{2000}));
    EXPECT_NE(one.password,
              make_rest_credentials(Secret<std::string>("south"), "a", WallTime{1000}).password);
}

}  // namespace
}  // namespace patchbay::webrtc
