// SPDX-License-Identifier: Apache-2.0
#include "store/line_file.hpp"

#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace patchbay::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(LineFile, TheLastLinesAreThoseThatWereAddedLast) {
    const test::TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "lines";
    EXPECT_THAT(last_lines(file, 2), IsEmpty());
    for (const char* line : {"a", "b", "c"}) {
        ASSERT_TRUE(append_line(file, line));
    }
    EXPECT_THAT(last_lines(file, 2), ElementsAre("b", "c"));
    EXPECT_THAT(last_lines(file, 9), ElementsAre("a", "b", "c"));
}

TEST(LineFile, ALineThatWasCutOffIsLeftOut) {
    const test::TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "lines";
    std::ofstream(file) << "whole\ncut o";
    EXPECT_THAT(last_lines(file, 9), ElementsAre("whole"));
}

TEST(LineFile, AFolderThatIsNotThereIsAnError) {
    const test::TemporaryFolder folder;
    EXPECT_FALSE(append_line(folder.path() / "missing" / "lines", "a"));
}

}  // namespace
}  // namespace patchbay::store
