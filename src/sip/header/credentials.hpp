// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sip/header/form.hpp"
#include "sip/header_name.hpp"
#include "sip/parameters.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::sip {

// A scheme and its parameters: a challenge, or the credentials that answer it (RFC 3261 20.44,
// 20.7; RFC 7616). What they mean is the digest's business. Every challenge stands in a field of
// its own, because commas separate parameters here (RFC 3261 7.3.1).
struct AuthParameters {
    std::string scheme;  // "Digest"
    std::vector<Parameter> list;

    static Result<AuthParameters> parse(std::string_view value);
    void write(std::string& out) const;

    bool is_digest() const;
    // Unquoted text; names ignoring case.
    std::optional<std::string_view> get(std::string_view name) const;
    void add(std::string_view name, std::string_view value);
    void add_quoted(std::string_view name, std::string_view value);

    friend bool operator==(const AuthParameters&, const AuthParameters&) = default;
};

template <HeaderId Id>
struct AuthHeader : AuthParameters {
    static constexpr HeaderId kId = Id;
    static constexpr HeaderForm kForm = HeaderForm::Single;

    AuthHeader() = default;
    explicit AuthHeader(AuthParameters value) : AuthParameters(std::move(value)) {}

    static Result<AuthHeader> parse(std::string_view value) {
        PB_TRY(AuthParameters parsed, AuthParameters::parse(value));
        return AuthHeader(std::move(parsed));
    }
};

using WwwAuthenticate = AuthHeader<HeaderId::WwwAuthenticate>;
using ProxyAuthenticate = AuthHeader<HeaderId::ProxyAuthenticate>;
using Authorization = AuthHeader<HeaderId::Authorization>;
using ProxyAuthorization = AuthHeader<HeaderId::ProxyAuthorization>;

}  // namespace patchbay::sip
