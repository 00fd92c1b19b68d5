// SPDX-License-Identifier: Apache-2.0
#include "store/speech_cache.hpp"

#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <future>

namespace patchbay::store {
namespace {

class KeptSpeech : public testing::Test {
  protected:
    using Samples = SpeechCache::Samples;

    std::optional<Samples> find(SpeechCache& cache, const std::string& key) {
        std::promise<std::optional<Samples>> promise;
        auto future = promise.get_future();
        cache.find(key, [&](std::optional<Samples> found) { promise.set_value(std::move(found)); });
        return future.get();
    }
    std::unique_ptr<SpeechCache> make(std::uint64_t most = 1 << 20) {
        return *SpeechCache::make(folder.path() / "speech", most, disk);
    }

    test::TemporaryFolder folder;
    DiskThread disk;
};

TEST_F(KeptSpeech, GivesBackWhatWasKeptAlsoAfterARestart) {
    const Samples samples = {1, -2, 3};
    {
        const auto cache = make();
        EXPECT_EQ(find(*cache, "a"), std::nullopt);
        cache->keep("a", samples);
        EXPECT_EQ(find(*cache, "a"), samples);
        EXPECT_EQ(find(*cache, "b"), std::nullopt);
    }
    EXPECT_EQ(find(*make(), "a"), samples);
}

TEST_F(KeptSpeech, WhatIsKeptIsKnownWithoutALookAtTheDisk) {
    {
        const auto cache = make(5000);
        EXPECT_EQ(cache->size_of("a"), std::nullopt);
        std::promise<std::uint64_t> kept;
        cache->keep("a", Samples(1000),
                    [&](Result<std::uint64_t> bytes) { kept.set_value(*bytes); });
        EXPECT_EQ(kept.get_future().get(), 2000U);
        EXPECT_EQ(cache->size_of("a"), 2000U);
    }
    const auto cache = make(5000);
    EXPECT_EQ(cache->size_of("a"), 2000U);
    cache->keep("b", Samples(2400));
    EXPECT_TRUE(find(*cache, "b"));
    EXPECT_EQ(cache->size_of("a"), std::nullopt);  // gave way
}

TEST_F(KeptSpeech, WhoeverKeepsTooMuchIsTold) {
    std::optional<Errc> why;
    make(100)->keep("a", Samples(1000),
                    [&](const Result<std::uint64_t>& kept) { why = kept.error().code; });
    EXPECT_EQ(why, Errc::TooLarge);
}

TEST_F(KeptSpeech, AKeyIsNoPath) {
    const auto cache = make();
    cache->keep("../../escape", {1, 2});
    EXPECT_TRUE(find(*cache, "../../escape"));
    EXPECT_FALSE(std::filesystem::exists(folder.path().parent_path() / "escape.pcm"));
    for (const auto& file : std::filesystem::directory_iterator(folder.path() / "speech")) {
        EXPECT_EQ(file.path().filename().string().size(), 68U);
    }
}

TEST_F(KeptSpeech, WhatWasNotAskedForLongestGivesWay) {
    const auto cache = make(5000);
    const auto at = [&](int hours_ago) {
        // As if the files were that old.
        for (const auto& file : std::filesystem::directory_iterator(folder.path() / "speech")) {
            std::filesystem::last_write_time(
                file, file.last_write_time() - std::chrono::hours(hours_ago));
        }
    };
    cache->keep("a", Samples(1000));
    EXPECT_TRUE(find(*cache, "a"));
    at(3);
    cache->keep("b", Samples(1000));
    EXPECT_TRUE(find(*cache, "b"));
    at(1);
    EXPECT_TRUE(find(*cache, "a"));  // asked for again
    cache->keep("c", Samples(1000));
    EXPECT_TRUE(find(*cache, "c"));
    EXPECT_TRUE(find(*cache, "a"));
    EXPECT_FALSE(find(*cache, "b"));
}

TEST_F(KeptSpeech, WhatIsLargerThanAllOfItIsNotKept) {
    const auto cache = make(100);
    cache->keep("a", Samples(1000));
    EXPECT_FALSE(find(*cache, "a"));
}

}  // namespace
}  // namespace patchbay::store
