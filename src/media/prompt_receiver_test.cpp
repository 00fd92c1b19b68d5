// SPDX-License-Identifier: Apache-2.0
#include "media/prompt_receiver.hpp"

#include "support/sound.hpp"
#include "support/track_line.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>

namespace patchbay::media {
namespace {

// A phone that says 440 Hz, and a server whose listener has no clock to keep.
class PromptListener : public testing::Test {
  protected:
    PromptListener() { EXPECT_TRUE(line.server.listen_promptly()); }

    // 20 ms of the phone; how many frames the server has before the next.
    int say(bool arrives = true) {
        Frame said;
        tone.generate(said);
        line.caller.write(line.now, said, line.from_caller);
        if (!arrives) {
            held.insert(held.end(), line.from_caller.packets.begin(),
                        line.from_caller.packets.end());
            line.from_caller.packets.clear();
        }
        line.deliver();
        const int count = hear();
        line.now += kFrameTime;
        return count;
    }
    int hear() {
        int count = 0;
        Frame frame;
        while (line.server.read_promptly(line.now, frame)) {
            heard.insert(heard.end(), frame.begin(), frame.end());
            ++count;
        }
        return count;
    }
    void release() {
        TrackOutputs outputs;
        for (const KeptPackets::Kept& packet : std::exchange(held, {})) {
            line.server.handle_packet(line.now, kCaller, packet.bytes, outputs);
        }
    }

    Line line;
    ToneGenerator tone{{.frequency = 440}};
    std::vector<KeptPackets::Kept> held;
    std::vector<std::int16_t> heard;
};

TEST_F(PromptListener, HearsEachFrameWithItsPacketAndNotOnATick) {
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(say(), 1) << i;
    }
    EXPECT_NEAR(test::frequency_of(std::span(heard).last(8000)), 440, 2);
}

TEST_F(PromptListener, ListensBesideTheOneWhoKeepsTheClock) {
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(say(), 1);
        line.server.read(line.now, line.heard);
    }
    EXPECT_EQ(line.server.statistics().jitter_buffer.lost, 0U);
}

TEST_F(PromptListener, HearsSilenceOfTheRightLengthWhereNothingComes) {
    for (int i = 0; i < 10; ++i) {
        say();
    }
    heard.clear();
    for (int i = 0; i < 50; ++i) {
        line.now += kFrameTime;
        hear();
    }
    EXPECT_NEAR(static_cast<double>(heard.size()), 46 * kFrameSamples, kFrameSamples);
    EXPECT_EQ(*std::ranges::max_element(std::span(heard).last(8000)), 0);
}

TEST_F(PromptListener, IsSparedABacklogThatSilenceHasStoodInFor) {
    for (int i = 0; i < 10; ++i) {
        say();
    }
    heard.clear();
    for (int i = 0; i < 25; ++i) {
        say(false);  // the network stalls for half a second
    }
    release();
    hear();
    EXPECT_NEAR(static_cast<double>(heard.size()) / kFrameSamples, 25 + 5, 1)
        << "half a second, and the tenth of a second that it may be ahead";
    for (int i = 0; i < 50; ++i) {
        EXPECT_LE(say(), 1);
    }
    EXPECT_NEAR(test::frequency_of(std::span(heard).last(8000)), 440, 2);
}

TEST_F(PromptListener, HearsSilenceWhileTheCallerIsMuted) {
    line.server.mute_received(true);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(say(), 1);
    }
    EXPECT_EQ(*std::ranges::max_element(heard), 0);
}

TEST_F(PromptListener, GoesOnWithAnotherCodec) {
    for (int i = 0; i < 10; ++i) {
        say();
    }
    line.configure(settings(kServer, "opus"), settings(kCaller, "opus"));
    for (int i = 0; i < 50; ++i) {
        say();
    }
    EXPECT_NEAR(test::frequency_of(std::span(heard).last(8000)), 440, 2);
    EXPECT_NEAR(static_cast<double>(heard.size()) / kFrameSamples, 60, 2);
}

TEST(CutTrack, SendsNothingMoreOfWhatWasWritten) {
    Line line;
    line.play({.frequency = 440}, 10);
    line.server.write(line.now, line.heard, line.from_server);
    line.from_server.packets.clear();
    line.server.cut();
    line.server.write(line.now + kFrameTime, Frame{}, line.from_server);
    ASSERT_EQ(line.from_server.packets.size(), 1U);
    const Bytes& packet = line.from_server.packets.front().bytes;
    EXPECT_TRUE(std::all_of(packet.begin() + 12, packet.end(),
                            [](std::uint8_t sample) { return sample == 0xFF; }));
}

}  // namespace
}  // namespace patchbay::media
