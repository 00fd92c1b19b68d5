// SPDX-License-Identifier: Apache-2.0
#include "app/server/token_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace patchbay::app {
namespace {

namespace fs = std::filesystem;

class TokenFile : public testing::Test {
  protected:
    TokenFile() {
        std::string pattern = (fs::temp_directory_path() / "patchbay-token-XXXXXX").string();
        root_ = ::mkdtemp(pattern.data());
        data_ = root_ / "data";
    }
    ~TokenFile() override { fs::remove_all(root_); }
    TokenFile(const TokenFile&) = delete;
    TokenFile& operator=(const TokenFile&) = delete;

    Result<InstallationToken> token() { return installation_token(data_, random_); }
    void write(const std::string& text) const {
        fs::create_directories(data_);
        std::ofstream(data_ / "token") << text;
    }

    fs::path root_;
    fs::path data_;
    SeededRandom random_{1};
};

TEST_F(TokenFile, IsMadeAtTheFirstStartAndKept) {
    const auto first = token();
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->is_new);
    EXPECT_EQ(first->path, data_ / "token");
    EXPECT_GE(first->token.reveal().size(), 32U);
    const auto second = token();
    ASSERT_TRUE(second);
    EXPECT_FALSE(second->is_new);
    EXPECT_EQ(second->token, first->token);
}

TEST_F(TokenFile, IsReadableByItsOwnerOnly) {
    ASSERT_TRUE(token());
    EXPECT_EQ(fs::status(data_ / "token").permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(fs::status(data_).permissions(), fs::perms::owner_all);
}

TEST_F(TokenFile, AWiderModeIsNarrowed) {
    write("0123456789abcdefghij\n");
    fs::permissions(data_ / "token", fs::perms(0644));
    ASSERT_TRUE(token());
    EXPECT_EQ(fs::status(data_ / "token").permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(TokenFile, AnOperatorsOwnTokenIsTakenWithoutItsNewline) {
    write("  my-own-token-of-20-characters\n");
    EXPECT_EQ(token()->token.reveal(), "my-own-token-of-20-characters");
}

TEST_F(TokenFile, ATokenThatIsTooShortIsRefusedAndNotReplaced) {
    write("short\n");
    ASSERT_FALSE(token());
    EXPECT_EQ(token().error().code, Errc::Malformed);
}

TEST_F(TokenFile, NothingElseIsLeftInTheFolder) {
    ASSERT_TRUE(token());
    EXPECT_EQ(std::distance(fs::directory_iterator(data_), fs::directory_iterator()), 1);
}

TEST_F(TokenFile, AFolderThatCannotBeMadeIsASystemError) {
    std::ofstream(root_ / "data") << "a file stands in the way";
    ASSERT_FALSE(token());
    EXPECT_EQ(token().error().code, Errc::System);
}

}  // namespace
}  // namespace patchbay::app
