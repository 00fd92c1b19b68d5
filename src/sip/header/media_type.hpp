// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sip/header/form.hpp"
#include "sip/header_name.hpp"
#include "sip/parameters.hpp"

#include <string>
#include <string_view>

namespace patchbay::sip {

// "application/sdp;charset=utf-8"; in Accept also "application/*" and "*/*".
struct MediaType {
    std::string type;
    std::string subtype;
    Parameters parameters;

    static Result<MediaType> parse(std::string_view value);
    void write(std::string& out) const;

    // Type and subtype ignoring case: is("application/sdp").
    bool is(std::string_view full_type) const;
    // As a range of Accept: does it cover "application/sdp"?
    bool covers(std::string_view full_type) const;

    friend bool operator==(const MediaType&, const MediaType&) = default;
};

struct ContentType : MediaType {
    static constexpr HeaderId kId = HeaderId::ContentType;
    static constexpr HeaderForm kForm = HeaderForm::Single;

    static Result<ContentType> parse(std::string_view value);
};

// One range of RFC 3261 20.1. No Accept at all means application/sdp; an empty one means nothing.
struct Accept : MediaType {
    static constexpr HeaderId kId = HeaderId::Accept;
    static constexpr HeaderForm kForm = HeaderForm::List;

    static Result<Accept> parse(std::string_view value);
};

}  // namespace patchbay::sip
