// SPDX-License-Identifier: Apache-2.0
#include "call/options.hpp"

#include <gtest/gtest.h>

namespace patchbay::call {
namespace {

TEST(SynthesisOption, ACommandsOptionWinsFieldByFieldAndNeverResetsTheCalls) {
    const SynthesisOption call{
        .provider = "tencent", .speaker = "601003", .volume = 7, .extra = {{"a", "1"}, {"b", "2"}}};
    const SynthesisOption command{.speaker = "xiaoyan", .speed = 1.2, .extra = {{"b", "3"}}};

    const SynthesisOption used = overlaid(call, command);

    EXPECT_EQ(used.provider, "tencent");
    EXPECT_EQ(used.speaker, "xiaoyan");
    EXPECT_EQ(used.volume.value(), 7);
    EXPECT_EQ(used.speed.value(), 1.2);
    EXPECT_EQ(used.samplerate.value(), 16000);
    EXPECT_EQ(used.extra, (TextMap{{"a", "1"}, {"b", "3"}}));
}

TEST(CallOption, CarriesTheDefaultsOfTheContract) {
    EXPECT_EQ(RecorderOption{}.ptime.value(), Milliseconds(200));
    EXPECT_EQ(VadOption{}.speech_padding.value(), Milliseconds(250));
    EXPECT_EQ(VadOption{}.silence_padding.value(), Milliseconds(100));
    EXPECT_EQ(VadOption{}.max_buffer_duration.value(), Seconds(50));
    EXPECT_EQ(SynthesisOption{}.volume.value(), 5);
    EXPECT_EQ(SynthesisOption{}.speed.value(), 1.0);
    EXPECT_EQ(SynthesisOption{}.samplerate.value(), 16000);
    EXPECT_EQ(MediaPassOption{}.packet_size.value(), 2560U);
    EXPECT_FALSE(ReferOption{}.auto_hangup.value());
    EXPECT_TRUE(ReferOption{}.forward_dtmf.value());
}

}  // namespace
}  // namespace patchbay::call
