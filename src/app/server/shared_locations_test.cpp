// SPDX-License-Identifier: Apache-2.0
#include "app/server/shared_locations.hpp"

#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::app {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const WallAnchor kWall{Instant(Seconds(100)), WallTime{1'700'000'000'000}};

sip::Binding binding(std::uint64_t connection = 0) {
    sip::Binding out;
    out.contact = *sip::Uri::parse("sip:alice@10.0.0.7:5062;ob");
    out.flow = {sip::Transport::Udp, *SocketAddress::parse("192.0.2.1:5060"),
                *SocketAddress::parse("[2001:db8::9]:40000"), connection};
    out.path = {*sip::NameAddr::parse("\"Edge, one\" <sip:edge;lr>;x=1"),
                *sip::NameAddr::parse("<sip:p2>")};
    out.call_id = "c1";
    out.sequence = 4'000'000'000;
    out.expires_at = kWall.instant + Seconds(600);
    out.preference = 250;
    out.instance = "<urn:uuid:1>/1";
    out.user_agent = "phone";
    return out;
}

TEST(StoredBinding, ComesBackAsItWas) {
    EXPECT_EQ(from_stored(to_stored(binding(), kWall), kWall).value(), binding());
}

TEST(StoredBinding, AfterARestartItRunsOutAtTheSameTimeOfDay) {
    const WallAnchor later{Instant(Seconds(7)), WallTime{kWall.wall.milliseconds + 500'000}};
    EXPECT_EQ(from_stored(to_stored(binding(), kWall), later)->expires_at,
              later.instant + Seconds(100));
}

TEST(StoredBinding, WhatCannotBeReadIsLeftOut) {
    store::StoredBinding stored = to_stored(binding(), kWall);
    stored.remote = "nowhere";
    EXPECT_FALSE(from_stored(stored, kWall));
}

TEST(SharedLocations, WhoIsReachedByDatagramsIsKnownAfterARestart) {
    const test::TemporaryFolder folder;
    const std::string path = (folder.path() / "patchbay.db").string();
    const auto change_to = [](sip::Bindings bindings) {
        return [bindings](const sip::Bindings&) -> Result<sip::Bindings> { return bindings; };
    };
    {
        store::DiskThread disk;
        SharedLocations locations(
            kWall, store::LocationStore::open(path, disk, [](const Error&) {}).value());
        ASSERT_TRUE(locations.update("alice", kWall.instant, change_to({binding()})));
        ASSERT_TRUE(locations.update("bob", kWall.instant, change_to({binding(7)})));
        EXPECT_EQ(locations.counts().bindings, 2U);
    }
    store::DiskThread disk;
    SharedLocations locations(kWall,
                              store::LocationStore::open(path, disk, [](const Error&) {}).value());
    ASSERT_TRUE(locations.load(kWall.instant));
    EXPECT_THAT(*locations.find("alice", kWall.instant), SizeIs(1));
    EXPECT_THAT(*locations.find("bob", kWall.instant), IsEmpty());  // his connection is gone
    locations.expire(kWall.instant + Seconds(601));
    EXPECT_EQ(locations.counts().bindings, 0U);
}

}  // namespace
}  // namespace patchbay::app
