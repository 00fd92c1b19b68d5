// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/http_message.hpp"

#include <cstdint>
#include <string_view>

// What the Bridge API says to people, in the two languages of its users. The English texts of the
// statuses are the contract's.
namespace patchbay::api::bridge {

enum class Language : std::uint8_t { English, Portuguese };

enum class Text : std::uint8_t {
    Updated,
    Invalid,
    Unauthorized,
    Forbidden,
    NoBridge,
    Failed,
    Removed
};

// What Accept-Language prefers (RFC 9110 12.5.4); English where it does not say.
Language language_of(const net::HttpRequest& request);
std::string_view tag_of(Language language);  // for Content-Language

std::string_view text(Text which, Language language);
// What is wrong with a field; a sentence that has no translation stays as it is.
std::string_view problem_text(std::string_view english, Language language);

}  // namespace patchbay::api::bridge
