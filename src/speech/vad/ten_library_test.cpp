// SPDX-License-Identifier: Apache-2.0
#include "speech/vad/ten_library.hpp"

#include "support/source_path.hpp"
#include "support/voice_audio.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace patchbay::speech {
namespace {

using testing::HasSubstr;

// Of our own: the interface of the official one.
std::string double_of(const std::string& name) {
    return test::build_path("tests/lib" + name + ".so");
}

TEST(TenLibrary, JudgesAStreamInWindowsOf10Milliseconds) {
    auto library = TenLibrary::load(double_of("ten_vad_double"));
    ASSERT_TRUE(library) << library.error();
    auto detector = (*library)->make_detector();
    ASSERT_TRUE(detector);
    library->reset();  // who judges keeps it loaded
    EXPECT_EQ((*detector)->window_samples(), 160U);
    const test::Samples loud(160, 4000);
    const test::Samples quiet(160, 3);
    EXPECT_GT((*detector)->judge(loud), 0.5F);
    EXPECT_LT((*detector)->judge(quiet), 0.5F);
}

TEST(TenLibrary, OneThatIsNotThereOrNoLibraryIsRefusedInWords) {
    const auto missing = TenLibrary::load("/nowhere/libten_vad.so");
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error(), HasSubstr("/nowhere/libten_vad.so"));
    const auto text = TenLibrary::load(test::source_path("README.md"));
    ASSERT_FALSE(text);
    EXPECT_THAT(text.error(), HasSubstr("README.md"));
}

TEST(TenLibrary, OneThatLacksAFunctionIsRefusedByItsName) {
    const auto lacking = TenLibrary::load(double_of("ten_vad_lacking"));
    ASSERT_FALSE(lacking);
    EXPECT_THAT(lacking.error(), HasSubstr("ten_vad_process"));
}

}  // namespace
}  // namespace patchbay::speech
