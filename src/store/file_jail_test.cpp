// SPDX-License-Identifier: Apache-2.0
#include "store/file_jail.hpp"

#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

namespace patchbay::store {
namespace {

using test::TemporaryFolder;

// <folder>/jail, <folder>/second are the roots; <folder>/secret is what must not be reached.
class Jail : public testing::Test {
  protected:
    Jail() {
        folder_.write("jail/a.wav", "inside");
        folder_.write("jail/deep/b.wav", "deeper");
        folder_.write("second/c.wav", "other root");
        folder_.write("secret", "secret");
    }

    std::string path(std::string_view name) const { return (folder_.path() / name).string(); }
    std::string text_of(const Descriptor& file) const {
        std::string text(100, '\0');
        const ssize_t count = ::read(file.get(), text.data(), text.size());
        text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        return text;
    }
    Errc refusal(std::string_view name) const {
        const auto file = jail_.open(name);
        return file ? Errc::Duplicate : file.error().code;
    }

    TemporaryFolder folder_;
    FileJail jail_ = *FileJail::make({path("jail"), path("second")});
};

TEST_F(Jail, ARelativeNameMeansTheFirstFolder) {
    EXPECT_EQ(text_of(*jail_.open("a.wav")), "inside");
    EXPECT_EQ(text_of(*jail_.open("deep/b.wav")), "deeper");
    EXPECT_EQ(text_of(*jail_.open("./deep/../a.wav")), "inside");
    EXPECT_EQ(refusal("c.wav"), Errc::NotFound);
}

TEST_F(Jail, AnAbsoluteNameInsideAnAllowedFolderIsTaken) {
    EXPECT_EQ(text_of(*jail_.open(path("jail/a.wav"))), "inside");
    EXPECT_EQ(text_of(*jail_.open(path("second/c.wav"))), "other root");
}

TEST_F(Jail, NoNameLeadsOutside) {
    for (const std::string& name : {std::string("../secret"), std::string("deep/../../secret"),
                                    path("secret"), path("jail/../secret"), path("jailbreak"),
                                    std::string("/etc/passwd"), std::string("..")}) {
        EXPECT_EQ(refusal(name), Errc::Forbidden) << name;
    }
}

TEST_F(Jail, NoSymbolicLinkLeadsOutside) {
    std::filesystem::create_symlink("../secret", folder_.path() / "jail/relative");
    std::filesystem::create_symlink(path("secret"), folder_.path() / "jail/absolute");
    std::filesystem::create_directory_symlink("..", folder_.path() / "jail/up");
    EXPECT_EQ(refusal("relative"), Errc::Forbidden);
    EXPECT_EQ(refusal("absolute"), Errc::Forbidden);
    EXPECT_EQ(refusal("up/secret"), Errc::Forbidden);
}

TEST_F(Jail, ALinkThatStaysInsideWorks) {
    std::filesystem::create_symlink("deep/b.wav", folder_.path() / "jail/link");
    EXPECT_EQ(text_of(*jail_.open("link")), "deeper");
}

TEST_F(Jail, OnlyRegularFilesAreOpened) {
    EXPECT_EQ(refusal("deep"), Errc::Forbidden);
    ASSERT_EQ(::mkfifo(path("jail/pipe").c_str(), 0600), 0);
    EXPECT_EQ(refusal("pipe"), Errc::Forbidden);  // and at once: nobody writes to it
}

TEST_F(Jail, NamesThatAreNoNamesAreMalformed) {
    for (const std::string_view name : {std::string_view(""), std::string_view("a.wav/"),
                                        std::string_view("a\0.wav", 6), std::string_view(".")}) {
        EXPECT_EQ(refusal(name), Errc::Malformed);
    }
    EXPECT_EQ(refusal(std::string(2000, 'x')), Errc::TooLarge);
    EXPECT_EQ(refusal(std::string(300, 'x')), Errc::TooLarge);
}

TEST_F(Jail, CreatingMakesTheMissingFolders) {
    const auto created = jail_.create("2026/11/20/call.wav");
    ASSERT_TRUE(created) << describe(created.error());
    EXPECT_EQ(created->path, path("jail/2026/11/20/call.wav"));
    EXPECT_TRUE(std::filesystem::is_regular_file(created->path));
}

TEST_F(Jail, ANewFileIsSeenWhenItIsPublishedAndNotBefore) {
    auto made = jail_.prepare("new/call.wav");
    ASSERT_TRUE(made) << describe(made.error());
    ASSERT_TRUE(write_all(made->file(), as_bytes("begun"), 0));
    EXPECT_TRUE(std::filesystem::is_empty(path("jail/new")));
    const auto created = std::move(*made).publish();
    ASSERT_TRUE(created) << describe(created.error());
    EXPECT_EQ(created->path, path("jail/new/call.wav"));
    EXPECT_EQ(test::read_file(created->path), "begun");
}

TEST_F(Jail, ANewFileThatIsNotPublishedLeavesNothing) {
    {
        ASSERT_TRUE(jail_.prepare("new/call.wav"));
    }
    EXPECT_TRUE(std::filesystem::is_empty(path("jail/new")));
}

TEST_F(Jail, ANewFileGivesWayToOneThatCameMeanwhile) {
    auto made = jail_.prepare("call.wav");
    folder_.write("jail/call.wav", "other");
    EXPECT_EQ(std::move(*made).publish()->path, path("jail/call-1.wav"));
    EXPECT_EQ(test::read_file(path("jail/call.wav")), "other");
}

TEST_F(Jail, AnExistingFileIsNeverTouched) {
    EXPECT_EQ(jail_.create("a.wav")->path, path("jail/a-1.wav"));
    EXPECT_EQ(jail_.create("a.wav")->path, path("jail/a-2.wav"));
    EXPECT_EQ(jail_.create(path("second/c.wav"))->path, path("second/c-1.wav"));
    EXPECT_EQ(test::read_file(path("jail/a.wav")), "inside");
}

TEST_F(Jail, AnAbsoluteNameOutsideIsMovedBelowTheFirstFolder) {
    EXPECT_EQ(jail_.create("/path/to/recording.wav")->path, path("jail/path/to/recording.wav"));
    EXPECT_EQ(jail_.create("/etc/passwd")->path, path("jail/etc/passwd"));
}

TEST_F(Jail, CreatingDoesNotFollowALinkOutside) {
    std::filesystem::create_directory_symlink("..", folder_.path() / "jail/up");
    std::filesystem::create_symlink("../planted", folder_.path() / "jail/new.wav");
    EXPECT_FALSE(jail_.create("up/planted"));
    EXPECT_FALSE(jail_.create("../planted"));
    EXPECT_EQ(jail_.create("new.wav")->path, path("jail/new-1.wav"));
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "planted"));
}

TEST(FileJail, NeedsAbsoluteFoldersAndAtLeastOne) {
    EXPECT_FALSE(FileJail::make({}));
    EXPECT_FALSE(FileJail::make({"relative"}));
}

TEST(FileJail, AMissingFolderIsMadeForTheServerAlone) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "data/recordings";
    ASSERT_TRUE(FileJail::make({path.string()}));
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0750));
}

TEST(SubstituteId, NoIdIsAPath) {
    EXPECT_EQ(substitute_id("{id}.wav", "call-1_A"), "call-1_A.wav");
    EXPECT_EQ(substitute_id("{id}.wav", "../../etc/passwd"), "%2E%2E%2F%2E%2E%2Fetc%2Fpasswd.wav");
    EXPECT_EQ(substitute_id("{id}/x.wav", ".."), "%2E%2E/x.wav");
    EXPECT_EQ(substitute_id("a-{id}-{id}", "7"), "a-7-7");
    EXPECT_EQ(substitute_id("{id}", "{id}"), "%7Bid%7D");
    EXPECT_EQ(substitute_id("plain.wav", "7"), "plain.wav");
}

}  // namespace
}  // namespace patchbay::store
