// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/text.hpp"
#include "call/speech_account.hpp"
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

// Whom an option asks, and for what: the option's own words, then the operator's account. In words
// why nobody can be asked. `find` knows the providers by name, `request_of` and `fields_of` the
// option.
template <class Plan, class Option, class Find, class RequestOf, class FieldsOf>
Expected<Plan, std::string> plan_speech(const Option& option,
                                        std::string_view default_provider,
                                        const SpeechAccounts& accounts,
                                        const Find& find,
                                        const RequestOf& request_of,
                                        const FieldsOf& fields_of) {
    const std::string name = to_lower(option.provider.value_or(std::string(default_provider)));
    Plan plan{.provider = find(name), .request = {}, .unused = {}};
    if (plan.provider == nullptr) {
        return tl::unexpected("provider " + name + " is not known");
    }
    const auto account = accounts.find(name);
    plan.request =
        request_of(option, account != accounts.end() ? account->second : SpeechAccount{});
    plan.endpoint_is_ours = !option.endpoint.has_value();
    PB_TRY(plan.unused, unused_fields(*plan.provider, fields_of(option, plan.request)));
    return plan;
}

// The `other` event that names unused fields. `sender`: "asr", "tts".
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
