// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sip/header/form.hpp"
#include "sip/header_name.hpp"
#include "sip/parameters.hpp"
#include "sip/uri.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::sip {

// ( name-addr / addr-spec ) *( SEMI generic-param ): the value of From, To, Contact, Route and
// their kin. Without angle brackets every parameter belongs to the header, not to the URI
// (RFC 3261 20).
struct NameAddr {
    std::string display_name;  // plain text: unquoted and unescaped
    Uri uri;
    Parameters parameters;

    static Result<NameAddr> parse(std::string_view value);
    // Always with angle brackets; the display name quoted unless it is made of tokens.
    void write(std::string& out) const;

    std::optional<std::string_view> tag() const { return parameters.get("tag"); }
    void set_tag(std::string_view tag) { parameters.set("tag", tag); }

    friend bool operator==(const NameAddr&, const NameAddr&) = default;
};

template <HeaderId Id, HeaderForm Form>
struct NameAddrHeader : NameAddr {
    static constexpr HeaderId kId = Id;
    static constexpr HeaderForm kForm = Form;

    NameAddrHeader() = default;
    explicit NameAddrHeader(NameAddr value) : NameAddr(std::move(value)) {}

    static Result<NameAddrHeader> parse(std::string_view value) {
        PB_TRY(NameAddr parsed, NameAddr::parse(value));
        return NameAddrHeader(std::move(parsed));
    }
};

using From = NameAddrHeader<HeaderId::From, HeaderForm::Single>;
using To = NameAddrHeader<HeaderId::To, HeaderForm::Single>;
using Route = NameAddrHeader<HeaderId::Route, HeaderForm::List>;
using RecordRoute = NameAddrHeader<HeaderId::RecordRoute, HeaderForm::List>;
using ReferTo = NameAddrHeader<HeaderId::ReferTo, HeaderForm::Single>;
using ReferredBy = NameAddrHeader<HeaderId::ReferredBy, HeaderForm::Single>;
using PAssertedIdentity = NameAddrHeader<HeaderId::PAssertedIdentity, HeaderForm::List>;
using PPreferredIdentity = NameAddrHeader<HeaderId::PPreferredIdentity, HeaderForm::List>;
using Diversion = NameAddrHeader<HeaderId::Diversion, HeaderForm::List>;
using Path = NameAddrHeader<HeaderId::Path, HeaderForm::List>;

// RFC 3261 20.10. "*" is the whole value of a REGISTER that removes every binding.
struct Contact : NameAddr {
    static constexpr HeaderId kId = HeaderId::Contact;
    static constexpr HeaderForm kForm = HeaderForm::List;

    bool wildcard = false;

    static Result<Contact> parse(std::string_view value);
    void write(std::string& out) const;

    // Seconds; absent also when malformed, which means the default (RFC 3261 20.10).
    std::optional<std::uint32_t> expires() const;
};

}  // namespace patchbay::sip
