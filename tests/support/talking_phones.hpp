// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/tone.hpp"
#include "support/approval.hpp"
#include "support/sip_ladder.hpp"
#include "support/sound.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace patchbay::test {

// A world of phones that each say a tone of their own, and the ladder of their messages: phone 0 is
// alice, who says 400 Hz; phone 1 is bob, who says 700 Hz; carol 1000, dave 1300.
class TalkingPhones : public testing::Test {
  protected:
    explicit TalkingPhones(std::size_t phones) { options_.phones.resize(phones); }

    // Made when it is first asked for, so that a test may change the options before.
    World& world() {
        if (!world_) {
            world_.emplace(options_);
            ladder_.emplace(*world_, std::map<std::string, std::string>{{"192.0.2.1", "server"},
                                                                        {"192.0.2.10", "alice "},
                                                                        {"192.0.2.11", "bob   "},
                                                                        {"192.0.2.12", "carol "},
                                                                        {"192.0.2.13", "dave  "}});
            for (std::size_t i = 0; i < options_.phones.size(); ++i) {
                world_->phone(i).play(std::make_unique<media::ToneSource>(
                    media::ToneSpec{.frequency = frequency(i)}));
            }
            enter(*world_);
        }
        return *world_;
    }
    // Whoever else is there from the beginning.
    virtual void enter(World& /*world*/) {}
    static double frequency(std::size_t phone) { return 400 + 300 * static_cast<double>(phone); }

    // What phone i hears in the next half second.
    double heard_by(std::size_t i) {
        world().run(Milliseconds(200));
        const std::size_t begin = world().phone_audio(i).left.size();
        world().run(Milliseconds(500));
        const auto& all = world().phone_audio(i).left;
        return frequency_of(std::span(all).subspan(begin));
    }
    void expect_talking(std::size_t a, std::size_t b) {
        EXPECT_NEAR(heard_by(a), frequency(b), 2);
        EXPECT_NEAR(heard_by(b), frequency(a), 2);
    }
    void expect_nothing_left() {
        world().run(Seconds(40));
        EXPECT_EQ(world().exchange().session_count(), 0U);
        EXPECT_EQ(world().open_ports(), 0U);
        EXPECT_THAT(world().broken(), testing::IsEmpty());
    }
    void expect_ladder(const std::string& name) {
        EXPECT_TRUE(is_approved("tests/golden/ladders/" + name + ".txt", ladder_->text()));
    }

    WorldOptions options_;
    std::optional<World> world_;
    std::optional<SipLadder> ladder_;
};

}  // namespace patchbay::test
