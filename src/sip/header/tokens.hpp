// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sip/header/form.hpp"
#include "sip/header_name.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::sip {

// Appends the tokens of one field; an empty field adds none.
Result<void> append_tokens(std::string_view value,
                           std::vector<std::string>& tokens,
                           std::string_view where);
void write_tokens(const std::vector<std::string>& tokens, std::string& out);
bool contains_token(const std::vector<std::string>& tokens, std::string_view token);

// Option tags, methods, event packages: all fields of the name together.
template <HeaderId Id>
struct TokenList {
    static constexpr HeaderId kId = Id;
    static constexpr HeaderForm kForm = HeaderForm::Combined;

    std::vector<std::string> tokens;

    static Result<TokenList> parse(std::string_view value) {
        TokenList list;
        PB_CHECK(list.append(value));
        return list;
    }
    Result<void> append(std::string_view value) {
        return append_tokens(value, tokens, header_name(Id));
    }
    void write(std::string& out) const { write_tokens(tokens, out); }

    // Ignoring case (RFC 3261 7.3.1: tokens are, unless said otherwise).
    bool contains(std::string_view token) const { return contains_token(tokens, token); }

    friend bool operator==(const TokenList&, const TokenList&) = default;
};

using Require = TokenList<HeaderId::Require>;
using ProxyRequire = TokenList<HeaderId::ProxyRequire>;
using Supported = TokenList<HeaderId::Supported>;
using Unsupported = TokenList<HeaderId::Unsupported>;
using Allow = TokenList<HeaderId::Allow>;
using AllowEvents = TokenList<HeaderId::AllowEvents>;
using ContentEncoding = TokenList<HeaderId::ContentEncoding>;

}  // namespace patchbay::sip
