// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "sip/header/form.hpp"
#include "sip/header_name.hpp"
#include "sip/parameters.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::sip {

// RFC 3261 18.1.1: a branch that begins so is unique, and names the transaction.
inline constexpr std::string_view kBranchCookie = "z9hG4bK";

// RFC 3261 20.42.
struct Via {
    static constexpr HeaderId kId = HeaderId::Via;
    static constexpr HeaderForm kForm = HeaderForm::List;

    std::string protocol = "SIP/2.0";  // name and version, without white space
    std::string transport;             // "UDP", as written
    std::string host;                  // IPv6 in brackets
    std::optional<std::uint16_t> port;
    Parameters parameters;

    static Result<Via> parse(std::string_view value);
    void write(std::string& out) const;

    std::optional<std::string_view> branch() const { return parameters.get("branch"); }
    bool has_cookie() const;
    // "host:port" as RFC 3261 17.2.3 compares it: lower case, the port only when it is written.
    std::string sent_by() const;

    std::optional<std::string_view> received() const { return parameters.get("received"); }
    bool asks_for_rport() const { return parameters.has("rport"); }
    std::optional<std::uint16_t> rport() const;
    // What the receiver of a request adds (RFC 3261 18.2.1, RFC 3581 4): received where the
    // address differs from sent-by or rport was asked for, and rport's value.
    void stamp(const SocketAddress& source);

    friend bool operator==(const Via&, const Via&) = default;
};

}  // namespace patchbay::sip
