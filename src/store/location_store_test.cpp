// SPDX-License-Identifier: Apache-2.0
#include "store/location_store.hpp"

#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

namespace patchbay::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

StoredBinding binding(const std::string& contact, std::int64_t expires_at = 5'000) {
    return {.contact = contact,
            .path = "<sip:edge;lr>",
            .local = "192.0.2.1:5060",
            .remote = "192.0.2.9:5060",
            .call_id = "c' OR 1=1 --",
            .sequence = 4294967295,
            .expires_at = WallTime{expires_at},
            .preference = 500,
            .instance = "<urn:uuid:1>/1",
            .user_agent = "Ph\xc3\xb6ne"};
}

class LocationStoreTest : public testing::Test {
  protected:
    // Opens the file, lets `use` save, and waits until it is written.
    template <class Use>
    void with_store(Use use) {
        DiskThread disk;
        auto store = LocationStore::open(path_, disk, [&](const Error&) { ++failures_; });
        ASSERT_TRUE(store.has_value()) << describe(store.error());
        use(*store);
    }
    std::map<std::string, std::vector<StoredBinding>> stored(WallTime now = WallTime{1'000}) {
        std::map<std::string, std::vector<StoredBinding>> out;
        with_store([&](LocationStore& store) {
            EXPECT_TRUE(store.load(now, [&](const std::string& user, StoredBinding one) {
                out[user].push_back(std::move(one));
            }));
        });
        return out;
    }

    test::TemporaryFolder folder_;
    std::string path_ = (folder_.path() / "patchbay.db").string();
    int failures_ = 0;
};

TEST_F(LocationStoreTest, WhatWasSavedIsThereAfterARestart) {
    with_store([](LocationStore& store) {
        store.save("alice", {binding("sip:a@h"), binding("sip:b@h")});
        store.save("bob", {binding("sip:c@h")});
    });
    const auto users = stored();
    EXPECT_THAT(users.at("alice"), ElementsAre(binding("sip:a@h"), binding("sip:b@h")));
    EXPECT_THAT(users.at("bob"), ElementsAre(binding("sip:c@h")));
    EXPECT_EQ(failures_, 0);
}

TEST_F(LocationStoreTest, ASaveReplacesAllThatWasThereOfTheUser) {
    with_store([](LocationStore& store) { store.save("alice", {binding("sip:a@h")}); });
    with_store([](LocationStore& store) {
        store.save("alice", {binding("sip:x@h")});
        store.save("alice", {binding("sip:b@h")});
    });
    EXPECT_THAT(stored().at("alice"), ElementsAre(binding("sip:b@h")));
    with_store([](LocationStore& store) { store.save("alice", {}); });
    EXPECT_THAT(stored(), IsEmpty());
}

TEST_F(LocationStoreTest, WhatHasRunOutIsNotLoaded) {
    with_store([](LocationStore& store) {
        store.save("alice", {binding("sip:a@h", 5'000), binding("sip:b@h", 6'000)});
    });
    EXPECT_THAT(stored(WallTime{5'000}).at("alice"), ElementsAre(binding("sip:b@h", 6'000)));
}

TEST_F(LocationStoreTest, AFileThatIsNoDatabaseIsAnError) {
    std::ofstream(path_) << std::string(4'096, 'x');
    DiskThread disk;
    EXPECT_FALSE(LocationStore::open(path_, disk, [](const Error&) {}));
}

}  // namespace
}  // namespace patchbay::store
