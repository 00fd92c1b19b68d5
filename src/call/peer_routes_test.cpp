// SPDX-License-Identifier: Apache-2.0
#include "call/peer_routes.hpp"

#include "webrtc/ice/check_message.hpp"

#include <gtest/gtest.h>

namespace patchbay::call {
namespace {

class PeerRoutesTest : public testing::Test {
  protected:
    Bytes check_for(const std::string& ufrag) {
        return webrtc::CheckRequest{}.write(webrtc::make_transaction_id(random_),
                                            {"theirs", std::string(24, 'p')},
                                            {ufrag, std::string(24, 'q')});
    }
    Bytes answer() {
        const Bytes request = check_for("whoever");
        return webrtc::write_check_success(*webrtc::StunMessage::parse(request), path.local,
                                           {"u", std::string(24, 'p')});
    }

    SeededRandom random_{1};
    PeerRoutes routes;
    const webrtc::IcePath path{*SocketAddress::parse("198.51.100.20:6000"),
                               *SocketAddress::parse("192.0.2.10:5000")};
    const Bytes rtp{0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0};
    const SessionKey one{1};
    const SessionKey two{2};
};

TEST_F(PeerRoutesTest, ACheckFindsTheCallThatItNames) {
    routes.add("first", one);
    routes.add("second", two);
    EXPECT_EQ(routes.find(path, check_for("first")), one);
    EXPECT_EQ(routes.find(path, check_for("second")), two);
    EXPECT_EQ(routes.find(path, check_for("third")), std::nullopt);
}

TEST_F(PeerRoutesTest, AnAnswerAndMediaFindTheCallThatSentThere) {
    EXPECT_EQ(routes.find(path, answer()), std::nullopt);
    routes.use(path, one);
    EXPECT_EQ(routes.find(path, answer()), one);
    EXPECT_EQ(routes.find(path, rtp), one);
}

TEST_F(PeerRoutesTest, ARestartLeavesTheOldFragmentInForce) {
    routes.add("before", one);
    routes.add("after", one);
    EXPECT_EQ(routes.find(path, check_for("before")), one);
    EXPECT_EQ(routes.find(path, check_for("after")), one);
    routes.remove(one);
    EXPECT_EQ(routes.find(path, check_for("after")), std::nullopt);
}

TEST_F(PeerRoutesTest, RestartsWithoutEndDoNotFillTheMemory) {
    for (int i = 0; i < 1000; ++i) {
        routes.add("ufrag" + std::to_string(i), one);
    }
    EXPECT_EQ(routes.find(path, check_for("ufrag0")), std::nullopt);
    EXPECT_EQ(routes.find(path, check_for("ufrag999")), one);
}

// A description that names the address of another call's browser must not steal its media.
TEST_F(PeerRoutesTest, WhoSendsToAnAddressLaterDoesNotTakeIt) {
    routes.use(path, one);
    routes.use(path, two);
    EXPECT_EQ(routes.find(path, rtp), one);
}

TEST_F(PeerRoutesTest, WhoProvedAnAddressHasIt) {
    routes.use(path, two);
    routes.prove(path, one);
    EXPECT_EQ(routes.find(path, rtp), one);
}

TEST_F(PeerRoutesTest, ACallThatEndedIsFoundNoMore) {
    routes.add("first", one);
    routes.prove(path, one);
    routes.remove(one);
    EXPECT_EQ(routes.find(path, check_for("first")), std::nullopt);
    EXPECT_EQ(routes.find(path, rtp), std::nullopt);
}

TEST_F(PeerRoutesTest, NoiseFindsNobody) {
    routes.add("first", one);
    EXPECT_EQ(routes.find(path, Bytes{}), std::nullopt);
    EXPECT_EQ(routes.find(path, Bytes{0, 1, 2, 3}), std::nullopt);
    EXPECT_EQ(routes.find(path, rtp), std::nullopt);
}

}  // namespace
}  // namespace patchbay::call
