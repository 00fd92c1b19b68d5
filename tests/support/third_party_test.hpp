// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/third_party.hpp"
#include "media/tone.hpp"
#include "support/approval.hpp"
#include "support/sip_ladder.hpp"
#include "support/sound.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace patchbay::test {

// Phone 0 is alice, who says 400 Hz; phone 1 is bob, who says 700 Hz; phone 2 is carol with 1000.
class ThirdPartyTest : public testing::Test {
  protected:
    static constexpr call::OperationId kStart{7};

    ThirdPartyTest() { options_.phones = {{}, {}, {}}; }

    World& world() {
        if (!world_) {
            world_.emplace(options_);
            ladder_.emplace(*world_, std::map<std::string, std::string>{{"192.0.2.1", "server"},
                                                                        {"192.0.2.10", "alice "},
                                                                        {"192.0.2.11", "bob   "},
                                                                        {"192.0.2.12", "carol "}});
            for (std::size_t i = 0; i < options_.phones.size(); ++i) {
                world_->phone(i).play(std::make_unique<media::ToneSource>(
                    media::ToneSpec{.frequency = frequency(i)}));
            }
        }
        return *world_;
    }
    static double frequency(std::size_t phone) { return 400 + 300 * static_cast<double>(phone); }

    void start(call::ThirdPartyRequest request = {}) {
        if (request.caller.empty()) {
            request.caller = World::phone_uri(0);
        }
        if (request.callee.empty()) {
            request.callee = World::phone_uri(1);
        }
        world().at_exchange([&](call::Exchange& exchange, Instant now, call::Effects& out) {
            exchange.start_call(now, kStart, request, out);
        });
    }
    void connect_two() {
        start();
        world().run(Seconds(2));
        ASSERT_TRUE(said(call::ThirdPartyStage::CalleeAnswered));
    }
    bool said(call::ThirdPartyStage stage) {
        const auto& all = world().third_parties();
        return std::any_of(all.begin(), all.end(),
                           [&](const auto& one) { return one.status.stage == stage; });
    }
    std::vector<call::ThirdPartyStage> stages() {
        std::vector<call::ThirdPartyStage> all;
        for (const auto& one : world().third_parties()) {
            all.push_back(one.status.stage);
        }
        return all;
    }
    std::string failure() {
        const auto& last = world().third_parties().back().status;
        return last.stage == call::ThirdPartyStage::Failed ? last.reason : "";
    }
    // The session of the party that phone i is.
    call::SessionKey session_of(call::PartyRole role) {
        for (const auto& [key, history] : world().histories()) {
            if (!history.summaries.empty() && history.summaries.back().role == role &&
                !history.ended) {
                return key;
            }
        }
        return {};
    }
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
        for (std::size_t i = 0; i < options_.phones.size(); ++i) {
            EXPECT_FALSE(world().phone(i).in_call()) << i;
        }
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
