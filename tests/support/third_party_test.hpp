// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/third_party.hpp"
#include "support/talking_phones.hpp"

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

class ThirdPartyTest : public TalkingPhones {
  protected:
    static constexpr call::OperationId kStart{7};

    ThirdPartyTest() : TalkingPhones(3) {}

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
    void expect_nothing_left() {
        TalkingPhones::expect_nothing_left();
        for (std::size_t i = 0; i < options_.phones.size(); ++i) {
            EXPECT_FALSE(world().phone(i).in_call()) << i;
        }
    }
};

}  // namespace patchbay::test
