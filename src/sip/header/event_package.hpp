// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sip/header/form.hpp"
#include "sip/header_name.hpp"
#include "sip/parameters.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::sip {

// RFC 6665 8.2.1: "refer;id=93809823". Named after its content, because Event is what the user
// agent tells.
struct EventPackage {
    static constexpr HeaderId kId = HeaderId::Event;
    static constexpr HeaderForm kForm = HeaderForm::Single;

    std::string package;  // compared byte by byte
    Parameters parameters;

    static Result<EventPackage> parse(std::string_view value);
    void write(std::string& out) const;

    std::optional<std::string_view> id() const { return parameters.get("id"); }

    friend bool operator==(const EventPackage&, const EventPackage&) = default;
};

// RFC 6665 8.2.3: "active;expires=60", "terminated;reason=noresource".
struct SubscriptionState {
    static constexpr HeaderId kId = HeaderId::SubscriptionState;
    static constexpr HeaderForm kForm = HeaderForm::Single;

    std::string state;
    Parameters parameters;

    static Result<SubscriptionState> parse(std::string_view value);
    void write(std::string& out) const;

    bool is_terminated() const;
    std::optional<std::uint32_t> expires() const;  // seconds
    std::optional<std::string_view> reason() const { return parameters.get("reason"); }

    friend bool operator==(const SubscriptionState&, const SubscriptionState&) = default;
};

}  // namespace patchbay::sip
