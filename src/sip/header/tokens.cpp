// SPDX-License-Identifier: Apache-2.0
#include "sip/header/tokens.hpp"

#include "base/text.hpp"
#include "sip/grammar.hpp"

#include <algorithm>

namespace patchbay::sip {

Result<void> append_tokens(std::string_view value,
                           std::vector<std::string>& tokens,
                           std::string_view where) {
    PB_TRY(const auto elements, split_list(value));
    for (const std::string_view element : elements) {
        if (!is_token(element)) {
            return fail(Errc::Malformed, where);
        }
        tokens.emplace_back(element);
    }
    return {};
}

void write_tokens(const std::vector<std::string>& tokens, std::string& out) {
    std::string_view separator;
    for (const std::string& token : tokens) {
        out.append(separator).append(token);
        separator = ", ";
    }
}

bool contains_token(const std::vector<std::string>& tokens, std::string_view token) {
    return std::any_of(tokens.begin(), tokens.end(), [token](const std::string& one) {
        return equals_ignoring_case(one, token);
    });
}

}  // namespace patchbay::sip
