// SPDX-License-Identifier: Apache-2.0
// Replays a fuzz target's corpus as a plain test: a crash that fuzzing found once stays found.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

TEST(FuzzCorpus, EveryInputIsSurvived) {
    int replayed = 0;
    for (const auto& entry : std::filesystem::directory_iterator(PATCHBAY_CORPUS)) {
        SCOPED_TRACE(entry.path().string());
        std::ifstream file(entry.path(), std::ios::binary);
        const std::vector<char> input{std::istreambuf_iterator<char>(file), {}};
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
        // Every prefix as well: a parser that reads past the end of a cut message is found here.
        for (std::size_t size = 0; size < input.size() && size < 512; ++size) {
            const std::vector<std::uint8_t> cut(input.begin(),
                                                input.begin() + static_cast<std::ptrdiff_t>(size));
            LLVMFuzzerTestOneInput(cut.data(), cut.size());
        }
        ++replayed;
    }
    EXPECT_GT(replayed, 0) << "no corpus in " << PATCHBAY_CORPUS;
}

}  // namespace

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
