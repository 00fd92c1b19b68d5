// SPDX-License-Identifier: Apache-2.0
#include "store/record_store.hpp"

#include "store/document_journal.hpp"
#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>

namespace patchbay::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr WallTime kNewYear{1'640'995'200'000};

class RecordStoreInAFolder : public testing::Test {
  protected:
    // As after a restart; what was left open is in left_.
    RecordStore& start() {
        left_.clear();
        store_.reset();
        disk_.reset();
        disk_.emplace();
        store_ = RecordStore::make(folder_.path(), *disk_, left_).value();
        return *store_;
    }
    std::vector<std::string> list(std::size_t most = 100, std::size_t skip = 0) {
        std::promise<std::vector<std::string>> texts;
        store_->list(most, skip,
                     [&](std::vector<std::string> t) { texts.set_value(std::move(t)); });
        return texts.get_future().get();
    }
    std::vector<std::string> find(const std::string& key) {
        std::promise<std::vector<std::string>> texts;
        store_->find(key, [&](std::vector<std::string> t) { texts.set_value(std::move(t)); });
        return texts.get_future().get();
    }

    test::TemporaryFolder folder_;
    std::optional<DiskThread> disk_;
    std::unique_ptr<RecordStore> store_;
    std::vector<RecordStore::Document> left_;
};

TEST_F(RecordStoreInAFolder, AClosedDocumentIsListedAndFoundAlsoAfterARestart) {
    start();
    store_->open({"k1", "open"});
    EXPECT_THAT(list(), IsEmpty());
    store_->close({"k1", "closed"}, kNewYear);
    EXPECT_THAT(list(), ElementsAre("closed"));
    EXPECT_THAT(find("k1"), ElementsAre("closed"));
    start();
    EXPECT_THAT(left_, IsEmpty());
    EXPECT_THAT(list(), ElementsAre("closed"));
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "20220101" / "000000000_k1.json"));
}

TEST_F(RecordStoreInAFolder, WhatADeadProcessLeftOpenIsGivenBack) {
    start();
    store_->open({"k1", "one"});
    store_->open({"k2", "two"});
    store_->close({"k2", "two, closed"}, kNewYear);
    start();
    ASSERT_THAT(left_, SizeIs(1));
    EXPECT_EQ(left_[0].key, "k1");
    EXPECT_EQ(left_[0].text, "one");
    store_->close({"k1", "lost"}, kNewYear);
    start();
    EXPECT_THAT(left_, IsEmpty());
    EXPECT_THAT(list(), testing::UnorderedElementsAre("lost", "two, closed"));
}

// The disk thread stands still as in a storm; the process is killed.
TEST_F(RecordStoreInAFolder, ADocumentIsKeptFromItsBirthOnHoweverSlowTheDiskIs) {
    start();
    std::promise<void> storm;
    store_->find("nobody", [&, calm = storm.get_future()](const auto&) { calm.wait(); });
    store_->open({"k1", "one"});
    std::vector<DocumentJournal::Document> kept;
    const auto copy = folder_.path() / "copy";
    std::filesystem::copy_file(folder_.path() / "journal", copy);
    const auto journal = DocumentJournal::open(copy, kept);
    storm.set_value();
    ASSERT_TRUE(journal);
    ASSERT_THAT(kept, SizeIs(1));
    EXPECT_EQ(kept[0].key, "k1");
    EXPECT_EQ(kept[0].text, "one");
}

// Killed after the rename and before the open one was removed.
TEST_F(RecordStoreInAFolder, ADocumentIsClosedOnce) {
    start();
    store_->open({"k1", "open"});
    store_->close({"k1", "closed"}, kNewYear);
    EXPECT_THAT(list(), SizeIs(1));
    std::ofstream(folder_.path() / "open" / "k1.json") << "open";
    start();
    ASSERT_THAT(left_, SizeIs(1));
    store_->close({"k1", "lost"}, kNewYear);
    EXPECT_THAT(list(), ElementsAre("closed"));
    start();
    EXPECT_THAT(left_, IsEmpty());
}

TEST_F(RecordStoreInAFolder, HalfADocumentIsNone) {
    start();
    std::ofstream(folder_.path() / "open" / "k1.json.part") << "ha";
    start();
    EXPECT_THAT(left_, IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "open" / "k1.json.part"));
}

TEST_F(RecordStoreInAFolder, ListsAreNewestFirstAndInPages) {
    start();
    for (const int i : {3, 1, 4, 2, 5}) {
        store_->close({std::to_string(i), std::to_string(i)}, {kNewYear.milliseconds + i * 1000});
    }
    EXPECT_THAT(list(2), ElementsAre("5", "4"));
    EXPECT_THAT(list(2, 2), ElementsAre("3", "2"));
    EXPECT_THAT(list(2, 4), ElementsAre("1"));
    EXPECT_THAT(find("nobody"), IsEmpty());
    EXPECT_THAT(find("../../etc/passwd"), IsEmpty());
}

}  // namespace
}  // namespace patchbay::store
