// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "call/step.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::call {

// A field of an `asr` or `tts` option, by the name that the contract gives it.
struct SpeechField {
    std::string_view name;
    bool given;  // by the option
    bool known;  // by the option or the account
};

// Those that are given and have no effect with this provider; in words which one it misses.
template <class Provider>
Expected<std::vector<std::string>, std::string> unused_fields(
    const Provider& provider, const std::vector<SpeechField>& fields) {
    std::vector<std::string> unused;
    for (const SpeechField& field : fields) {
        if (!field.known && std::ranges::count(provider.needs, field.name) > 0) {
            return tl::unexpected("provider " + std::string(provider.name) + " needs " +
                                  std::string(field.name) +
                                  ", which neither the call nor the configuration gives");
        }
        if (field.given && !provider.knows(field.name)) {
            unused.emplace_back(field.name);
        }
    }
    return unused;
}

// The `other` event that says so. `sender`: "asr", "tts".
inline event::Other unused_fields_event(const Step& step,
                                        const TrackId& track,
                                        std::string_view sender,
                                        std::string_view provider,
                                        const std::vector<std::string>& unused) {
    std::string names;
    for (const std::string& name : unused) {
        names.append(names.empty() ? "" : ",").append(name);
    }
    return {.track_id = track,
            .timestamp = step.timestamp,
            .sender = std::string(sender),
            .extra = {{"provider", std::string(provider)}, {"unused", names}}};
}

}  // namespace patchbay::call
