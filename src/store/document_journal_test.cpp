// SPDX-License-Identifier: Apache-2.0
#include "store/document_journal.hpp"

#include "store/limits.hpp"
#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace patchbay::store {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class JournalInAFolder : public testing::Test {
protected:
  // As another process would find it: nothing of this one is ended in order.
  std::vector<DocumentJournal::Document> reopen() {
    std::vector<DocumentJournal::Document> left;
    journals_.push_back(
        DocumentJournal::open(folder_.path() / "journal", left).value());
    return left;
  }
  DocumentJournal &journal() { return *journals_.back(); }

  test::TemporaryFolder folder_;
  std::vector<std::unique_ptr<DocumentJournal>> journals_;
};

TEST_F(JournalInAFolder, WhatWasWrittenIsFoundByTheNextProcessOnce) {
  EXPECT_THAT(reopen(), IsEmpty());
  ASSERT_TRUE(journal().write("k1", "one"));
  ASSERT_TRUE(journal().write("k2", "two"));
  const auto left = reopen();
  ASSERT_THAT(left, SizeIs(2));
  EXPECT_THAT(
      (std::vector{left[0].key + left[0].text, left[1].key + left[1].text}),
      testing::UnorderedElementsAre("k1one", "k2two"));
  EXPECT_THAT(reopen(), IsEmpty());
}

TEST_F(JournalInAFolder, WhatWasGivenBackIsNotFound) {
  reopen();
  const auto slot = journal().write("k1", "one");
  ASSERT_TRUE(slot);
  journal().give_back(*slot);
  EXPECT_THAT(reopen(), IsEmpty());
}

TEST_F(JournalInAFolder, ItsRoomIsBounded) {
  reopen();
  EXPECT_FALSE(journal().write("k", std::string(kJournalSlotSize, 'x')));
  std::vector<DocumentJournal::Slot> slots;
  while (const auto slot = journal().write("k", "text")) {
    slots.push_back(*slot);
  }
  EXPECT_THAT(slots, SizeIs(kJournalSlots));
  journal().give_back(slots.front());
  EXPECT_TRUE(journal().write("k", "again"));
}

TEST_F(JournalInAFolder, ADamagedFileHarmsNobody) {
  std::ofstream(folder_.path() / "journal")
      << std::string(kJournalSlotSize * 3, '\xff');
  EXPECT_THAT(reopen(), IsEmpty());
  EXPECT_TRUE(journal().write("k", "text"));
}

} // namespace
} // namespace patchbay::store
