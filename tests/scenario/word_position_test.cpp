// SPDX-License-Identifier: Apache-2.0
// `interruption` says which word the caller heard last. Here every word is a tone of its own, and
// the word is found again in what the far end recorded, behind the network and its jitter buffer.
#include "media/tone_detector.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace patchbay::test {
namespace {

constexpr std::size_t kWords = 20;

std::string text() {
    std::string all = "word";
    for (std::size_t i = 1; i < kWords; ++i) {
        all += " word";
    }
    return all;
}

// The word whose tone the last 40 ms of sound hold.
std::optional<int> last_word(std::span<const std::int16_t> heard) {
    constexpr std::size_t kPiece = 640;
    std::size_t end = heard.size();
    while (end > 0 && std::abs(int{heard[end - 1]}) < 500) {
        --end;
    }
    if (end < kPiece) {
        return std::nullopt;
    }
    const auto tone = media::find_tone(heard.subspan(end - kPiece, kPiece), 16000);
    if (!tone) {
        return std::nullopt;
    }
    return static_cast<int>(std::lround((tone->frequency - 400) / 100));
}

struct Network {
    const char* name;
    NetemProfile profile;
};
class WordPosition : public testing::TestWithParam<Network> {};

TEST_P(WordPosition, IsTheOneThatTheFarEndHeardLastPlusOrMinusOne) {
    int compared = 0;
    for (int after = 130; after < 1900; after += 60) {
        WorldOptions options;
        options.marked_words = true;
        options.media = GetParam().profile;
        options.seed = static_cast<std::uint64_t>(after);
        World world(options);
        const auto session = world.dial();
        ASSERT_TRUE(world.run_until([&] { return world.happened(session, "answer"); }));
        world.run(Seconds(2));  // jitter buffers settle
        world.command(session, call::command::Tts{.text = text()});
        world.run(Milliseconds(after));
        world.command(session, call::command::Interrupt{});
        world.run(Seconds(1));
        const auto cut = world.all<call::event::Interruption>(session).at(0);
        ASSERT_TRUE(cut.position) << after;
        const auto heard = last_word(world.phone_audio().left);
        if (!heard) {
            continue;  // the end was lost on the way
        }
        EXPECT_LE(std::abs(static_cast<int>(*cut.position) - *heard), 1)
            << "after " << after << " ms: said " << *cut.position << ", heard " << *heard;
        ++compared;
    }
    EXPECT_GE(compared, 25);
}

INSTANTIATE_TEST_SUITE_P(
    Networks,
    WordPosition,
    testing::Values(Network{"quiet", {.delay = Milliseconds(5)}},
                    Network{"far", {.delay = Milliseconds(150)}},
                    Network{"uneven", {.delay = Milliseconds(40), .jitter = Milliseconds(20)}},
                    Network{"lossy", {.loss = 0.05, .delay = Milliseconds(20)}}),
    [](const auto& network) { return network.param.name; });

}  // namespace
}  // namespace patchbay::test
