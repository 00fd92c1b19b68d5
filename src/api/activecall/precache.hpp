// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "call/command.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace patchbay::api::activecall {

// Speech that is made and kept before a call asks for it (POST /precache).
struct PrecacheRequest {
    call::command::Tts tts;
    IpAddress client;  // decides which addresses the option's endpoint may name
};

struct Precached {
    bool existed = false;   // it was kept already; nobody spoke
    std::string cache_key;  // the client's, else one that says all about the audio
    std::uint64_t bytes = 0;
};

// Once; on failure in words why. May come at once.
using PrecacheAnswer = UniqueFunction<void(Expected<Precached, std::string>)>;
using Precache = std::function<void(const PrecacheRequest&, PrecacheAnswer)>;

}  // namespace patchbay::api::activecall
