// SPDX-License-Identifier: Apache-2.0
#include "call/caller_identity.hpp"

#include "base/text.hpp"
#include "sip/header.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace patchbay::call {
namespace {

// RFC 3323 4.2 and RFC 3325 9.3. "none" says the opposite; "session" and "critical" are not about
// who calls.
bool is_private_value(std::string_view value) {
    bool found = false;
    while (!value.empty()) {
        const auto [first, rest] = split_once(value, ';');
        const std::string_view word = trim(first);
        if (equals_ignoring_case(word, "none")) {
            return false;
        }
        found |= equals_ignoring_case(word, "id") || equals_ignoring_case(word, "user") ||
                 equals_ignoring_case(word, "header");
        value = rest;
    }
    return found;
}

const sip::ExtraHeader* find(const sip::ExtraHeaders& headers, std::string_view name) {
    const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
        return equals_ignoring_case(header.name, name);
    });
    return found != headers.end() ? &*found : nullptr;
}

}  // namespace

CallerIdentity caller_identity(const sip::Message& invite, bool trusted) {
    CallerIdentity identity;
    identity.is_private = is_private_value(invite.header("Privacy").value_or(""));
    if (const auto from = invite.get<sip::From>()) {
        identity.uri = from->uri;
    }
    const auto asserted = invite.get_all<sip::PAssertedIdentity>();
    if (!trusted || !asserted || asserted->empty()) {
        return identity;
    }
    const auto sip_uri = std::find_if(asserted->begin(), asserted->end(),
                                      [](const auto& one) { return one.uri.is_sip_or_sips(); });
    identity.uri = (sip_uri != asserted->end() ? *sip_uri : asserted->front()).uri;
    identity.is_asserted = true;
    return identity;
}

bool asks_for_privacy(const sip::ExtraHeaders& headers) {
    const sip::ExtraHeader* privacy = find(headers, "Privacy");
    return privacy != nullptr && is_private_value(privacy->value);
}

sip::NameAddr anonymous_party() {
    sip::NameAddr party;
    party.display_name = "Anonymous";
    party.uri = sip::Uri::sip("anonymous", "anonymous.invalid");
    return party;
}

void assert_identity(sip::ExtraHeaders& headers, const sip::Uri& caller, bool is_private) {
    if (find(headers, "P-Asserted-Identity") == nullptr) {
        sip::NameAddr party;
        party.uri = caller;
        sip::ExtraHeader identity{"P-Asserted-Identity", {}};
        party.write(identity.value);
        headers.push_back(std::move(identity));
    }
    if (is_private && find(headers, "Privacy") == nullptr) {
        headers.push_back({"Privacy", "id"});
    }
}

void withhold_identity(sip::ExtraHeaders& headers) {
    std::erase_if(headers, [](const sip::ExtraHeader& header) {
        return equals_ignoring_case(header.name, "P-Asserted-Identity") ||
               equals_ignoring_case(header.name, "P-Preferred-Identity");
    });
}

}  // namespace patchbay::call
