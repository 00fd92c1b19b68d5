// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sip/header/form.hpp"
#include "sip/header_name.hpp"
#include "sip/parameters.hpp"

#include <string>
#include <string_view>

namespace patchbay::sip {

// RFC 3261 20.8; compared byte by byte.
struct CallId {
    static constexpr HeaderId kId = HeaderId::CallId;
    static constexpr HeaderForm kForm = HeaderForm::Single;

    std::string value;

    static Result<CallId> parse(std::string_view value);
    void write(std::string& out) const;

    friend bool operator==(const CallId&, const CallId&) = default;
};

// RFC 3891 6.1: the dialog that a new INVITE takes over. Tags as the receiver of the request sees
// them: to_tag is its own.
struct Replaces {
    static constexpr HeaderId kId = HeaderId::Replaces;
    static constexpr HeaderForm kForm = HeaderForm::Single;

    std::string call_id;
    std::string to_tag;
    std::string from_tag;
    bool early_only = false;

    static Result<Replaces> parse(std::string_view value);
    void write(std::string& out) const;

    friend bool operator==(const Replaces&, const Replaces&) = default;
};

}  // namespace patchbay::sip
