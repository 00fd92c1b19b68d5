// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "call/config.hpp"
#include "call/services.hpp"
#include "sip/event.hpp"
#include "sip/user_agent.hpp"
#include "speech/vad/voice_batch.hpp"

namespace patchbay::call {

// What the sessions of one shard share. Owned by the Exchange, outlives them.
struct Surroundings {
    const ExchangeConfig& config;
    Services& services;
    sip::UserAgent& agent;
    sip::Outputs& sip;  // what the agent asked for during this step
    Random& random;
    speech::VoiceBatch* voices;  // null without the weights
};

}  // namespace patchbay::call
