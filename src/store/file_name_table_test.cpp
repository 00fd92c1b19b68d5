// SPDX-License-Identifier: Apache-2.0
// Names that clients give, as a table: whatever they look like, nothing outside the folders is
// read, and whatever is created stands inside.
#include "store/file_jail.hpp"
#include "store/limits.hpp"
#include "support/temporary_folder.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

namespace patchbay::store {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

// <folder>/jail is the root; links in it lead outside in every way there is.
class NamedFile : public testing::TestWithParam<std::string> {
  protected:
    NamedFile() {
        folder_.write("jail/a.wav", "inside");
        folder_.write("jail/deep/b.wav", "inside");
        folder_.write("secret", "secret");
        folder_.write("jail-too/secret", "secret");
        fs::create_symlink("../secret", root() / "link");
        fs::create_symlink(folder_.path() / "secret", root() / "absolute-link");
        fs::create_symlink("..", root() / "up");
        fs::create_symlink("/", root() / "slash");
        fs::create_symlink("/proc/self/root", root() / "magic");
        fs::create_symlink("loop", root() / "loop");
        fs::create_symlink("deep/../../secret", root() / "winding");
        ::mkfifo((root() / "pipe").c_str(), 0600);
    }
    fs::path root() const { return folder_.path() / "jail"; }
    // "@" stands for the folder that holds root and secret.
    std::string name() const {
        std::string text = GetParam();
        if (const auto at = text.find('@'); at != std::string::npos) {
            text.replace(at, 1, folder_.path().string());
        }
        return text;
    }

    test::TemporaryFolder folder_;
    FileJail jail_ = *FileJail::make({(folder_.path() / "jail").string()});
};

TEST_P(NamedFile, ReadsNothingFromOutside) {
    const auto file = jail_.open(name());
    if (!file) {
        return;
    }
    std::string text(6, '\0');
    ASSERT_EQ(::read(file->get(), text.data(), text.size()), 6);
    EXPECT_EQ(text, "inside") << name();
}

TEST_P(NamedFile, CreatesNothingOutsideAndTouchesNothingThatIsThere) {
    const auto created = jail_.create(name());
    if (created) {
        // Where it really is, every link resolved.
        const fs::path real = fs::canonical("/proc/self/fd/" + std::to_string(created->file.get()));
        EXPECT_TRUE(real.string().starts_with(fs::canonical(root()).string() + "/")) << real;
    }
    std::string text(6, '\0');
    const Descriptor secret(::open((folder_.path() / "secret").c_str(), O_RDONLY));
    ASSERT_EQ(::read(secret.get(), text.data(), text.size()), 6);
    EXPECT_EQ(text, "secret") << name();
    EXPECT_EQ(fs::file_size(root() / "a.wav"), 6U);
}

TEST_P(NamedFile, IsNeverAPathWhenItIsAnId) {
    const std::string named = substitute_id("{id}.wav", name());
    EXPECT_EQ(named.find('/'), std::string::npos) << named;
    EXPECT_EQ(named.find(".."), std::string::npos) << named;
    EXPECT_EQ(named.find('\0'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Traversal,
                         NamedFile,
                         testing::Values("..",
                                         "../",
                                         "../secret",
                                         "../../secret",
                                         "./../secret",
                                         "deep/../../secret",
                                         "deep/../deep/../../secret",
                                         "a.wav/../../secret",
                                         "gone/../../secret",
                                         "../jail/../secret",
                                         "../jail-too/secret",
                                         "..//secret",
                                         "..\\secret",
                                         "..\\..\\secret",
                                         "....//secret",
                                         "..;/secret",
                                         ".../secret",
                                         "%2e%2e/secret",
                                         "%2e%2e%2fsecret",
                                         "..%2fsecret",
                                         "..%00/secret",
                                         "%252e%252e%252fsecret",
                                         "..%c0%afsecret",
                                         "deep/..",
                                         "deep/../..",
                                         "."));

INSTANTIATE_TEST_SUITE_P(Absolute,
                         NamedFile,
                         testing::Values("@/secret",
                                         "@/jail/../secret",
                                         "@/jail-too/secret",
                                         "@/jail",
                                         "@/jail/",
                                         "@/jail/a.wav",
                                         "@//jail//a.wav",
                                         "@/jail/./a.wav",
                                         "/etc/passwd",
                                         "//etc/passwd",
                                         "///etc/passwd",
                                         "/",
                                         "//",
                                         "/dev/zero",
                                         "/dev/stdin",
                                         "/proc/self/environ",
                                         "/proc/self/fd/0",
                                         "file:///etc/passwd",
                                         "C:\\secret",
                                         "\\\\host\\share"));

INSTANTIATE_TEST_SUITE_P(Links,
                         NamedFile,
                         testing::Values("link",
                                         "absolute-link",
                                         "up/secret",
                                         "up/jail/a.wav",
                                         "slash/etc/passwd",
                                         "magic/etc/passwd",
                                         "loop",
                                         "loop/a",
                                         "winding",
                                         "deep/../link",
                                         "up",
                                         "up/x.wav",
                                         "slash/x.wav"));

INSTANTIATE_TEST_SUITE_P(Characters,
                         NamedFile,
                         testing::Values("",
                                         " ",
                                         "a.wav ",
                                         "a.wav\0.mp3"s,
                                         "\0"s,
                                         "a\0"s,
                                         "../secret\0.wav"s,
                                         "a\nb",
                                         "a\rb",
                                         "\t",
                                         "\x1b[2J",
                                         "a.wav/",
                                         "a.wav//",
                                         "a.wav/.",
                                         "deep",
                                         "deep/",
                                         "-rf",
                                         "~",
                                         "~/secret",
                                         "$HOME/secret",
                                         "`id`",
                                         "$(id)",
                                         "a;b",
                                         "a|b",
                                         "a&b",
                                         "*",
                                         "?",
                                         "\"a\"",
                                         "'a'",
                                         "CON",
                                         "aux.wav",
                                         "a.wav:stream",
                                         ".hidden",
                                         "\xe2\x80\xae"
                                         "vaw.a",
                                         "\xef\xbc\x8e\xef\xbc\x8e/secret",
                                         "\xc0\xae\xc0\xae/secret",
                                         "\xff\xfe",
                                         "\xe2\x81\x84secret",
                                         "\xcc\x80",
                                         "{id}",
                                         "{id}/../secret",
                                         "pipe"));

INSTANTIATE_TEST_SUITE_P(Lengths,
                         NamedFile,
                         testing::Values(std::string(255, 'a'),
                                         std::string(256, 'a'),
                                         std::string(kMaxPath, 'a'),
                                         std::string(kMaxPath + 1, 'a'),
                                         std::string(100'000, '/'),
                                         std::string(100'000, '.'),
                                         "a/" + std::string(300, 'b')));

}  // namespace
}  // namespace patchbay::store
