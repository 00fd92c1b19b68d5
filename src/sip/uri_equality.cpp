// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "sip/grammar.hpp"
#include "sip/uri.hpp"

#include <algorithm>
#include <array>

namespace patchbay::sip {
namespace {

// Escapes of unreserved characters become the characters, others upper case: "%61" equals "a", but
// "%3B" does not equal ";" (RFC 3261 19.1.4: reserved characters are not equal to their escapes).
std::string normalize_escapes(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        const std::string_view escape = text.substr(i, 3);
        const auto decoded = percent_decode(escape);
        if (decoded && all_of(*decoded, kUnreserved)) {
            out.append(*decoded);
        } else {
            out.append(to_lower(escape));
        }
        i += escape.size() - 1;
    }
    return out;
}

bool same_text(std::string_view a, std::string_view b) {
    return normalize_escapes(a) == normalize_escapes(b);
}

bool same_text_ignoring_case(std::string_view a, std::string_view b) {
    return equals_ignoring_case(normalize_escapes(a), normalize_escapes(b));
}

const Parameter* find(const Parameters& parameters, std::string_view name) {
    for (const Parameter& parameter : parameters.all()) {
        if (same_text_ignoring_case(parameter.name, name)) {
            return &parameter;
        }
    }
    return nullptr;
}

// A parameter that decides where a request goes must be on both sides; any other that one side
// lacks is ignored. transport is not in the RFC's sentence, but in its examples.
bool must_be_on_both(std::string_view name) {
    constexpr std::array<std::string_view, 5> kNames = {"user", "ttl", "method", "maddr",
                                                        "transport"};
    return std::any_of(kNames.begin(), kNames.end(),
                       [name](std::string_view one) { return same_text_ignoring_case(one, name); });
}

bool agree_on(const Parameters& a, const Parameters& b, bool every_parameter) {
    return std::all_of(a.all().begin(), a.all().end(), [&](const Parameter& parameter) {
        const Parameter* other = find(b, parameter.name);
        if (other == nullptr) {
            return !every_parameter && !must_be_on_both(parameter.name);
        }
        return same_text_ignoring_case(parameter.value.value_or(""), other->value.value_or(""));
    });
}

bool covers(const std::vector<Uri::Header>& a, const std::vector<Uri::Header>& b) {
    return std::all_of(a.begin(), a.end(), [&](const Uri::Header& header) {
        return std::any_of(b.begin(), b.end(), [&](const Uri::Header& other) {
            return same_text_ignoring_case(header.name, other.name) &&
                   same_text(header.value, other.value);
        });
    });
}

// RFC 3966 4: visual separators do not count.
std::string digits_of(std::string_view number) {
    std::string digits = to_lower(number);
    std::erase_if(digits, [](char c) { return c == '-' || c == '.' || c == '(' || c == ')'; });
    return digits;
}

}  // namespace

bool operator==(const Uri& a, const Uri& b) {
    if (a.scheme_ != b.scheme_) {
        return false;
    }
    if (a.scheme_ == Uri::Scheme::Other) {
        return equals_ignoring_case(a.scheme_name_, b.scheme_name_) && a.opaque_ == b.opaque_;
    }
    const bool is_tel = a.scheme_ == Uri::Scheme::Tel;
    const bool same_user =
        is_tel ? digits_of(a.user_) == digits_of(b.user_) : same_text(a.user_, b.user_);
    return same_user && a.password_.has_value() == b.password_.has_value() &&
           same_text(a.password_.value_or(""), b.password_.value_or("")) &&
           equals_ignoring_case(a.host_, b.host_) && a.port_ == b.port_ &&
           agree_on(a.parameters_, b.parameters_, is_tel) &&
           agree_on(b.parameters_, a.parameters_, is_tel) &&
           a.headers_.size() == b.headers_.size() && covers(a.headers_, b.headers_) &&
           covers(b.headers_, a.headers_);
}

}  // namespace patchbay::sip
