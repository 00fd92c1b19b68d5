// SPDX-License-Identifier: Apache-2.0
#include "sdp/local_session.hpp"

#include <gtest/gtest.h>

namespace patchbay::sdp {
namespace {

class LocalSessionTest : public testing::Test {
  protected:
    Origin publish(std::string name) {
        SessionDescription description;
        description.name = std::move(name);
        description.origin.address = {false, "192.0.2.1"};
        return SessionDescription::parse(session_.publish(description))->origin;
    }

    SeededRandom random_{1};
    LocalSession session_{random_};
};

TEST_F(LocalSessionTest, TheSessionIdIsStableAndTheVersionGrowsByOneOnChange) {
    const Origin first = publish("a");
    const Origin second = publish("b");
    EXPECT_EQ(first.session_version, "1");
    EXPECT_EQ(second.session_version, "2");
    EXPECT_EQ(first.session_id, second.session_id);
}

TEST_F(LocalSessionTest, TheSameDescriptionKeepsItsVersion) {
    publish("a");
    EXPECT_EQ(publish("a").session_version, "1");
    EXPECT_EQ(publish("b").session_version, "2");
    EXPECT_EQ(publish("b").session_version, "2");
    EXPECT_EQ(publish("a").session_version, "3");
}

TEST_F(LocalSessionTest, TheOriginAddressIsTheDescriptions) {
    EXPECT_EQ(publish("a").address.address, "192.0.2.1");
}

}  // namespace
}  // namespace patchbay::sdp
