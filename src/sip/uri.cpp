// SPDX-License-Identifier: Apache-2.0
#include "sip/uri.hpp"

#include "base/text.hpp"
#include "sip/grammar.hpp"
#include "sip/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::sip {
namespace {

// What may stand unescaped beside letters, digits and "-._~" (which percent_encode leaves alone).
constexpr std::string_view kKeptInUser = "!*'()&=+$,;?/";
constexpr std::string_view kKeptInParameter = "!*'()[]/:&+$";

// RFC 3966 3: digits and visual separators after "+", or a local number, which may hold *, # and
// hexadecimal digits. That a local number has a phone-context is not asked for: people write
// tel:100.
bool is_phone_number(std::string_view text) {
    const bool global = !text.empty() && text.front() == '+';
    const std::string_view allowed = global ? "0123456789-.()" : "0123456789abcdefABCDEF*#-.()";
    const std::string_view number = text.substr(global ? 1 : 0);
    return number.find_first_not_of(allowed) == std::string_view::npos &&
           number.find_first_of(global ? "0123456789" : "0123456789abcdefABCDEF*#") !=
               std::string_view::npos;
}

bool is_scheme(std::string_view text) {
    return !text.empty() && is_alpha(text.front()) &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
           });
}

}  // namespace

Result<Uri> Uri::parse(std::string_view text) {
    if (text.size() > kMaxUriBytes) {
        return fail(Errc::TooLarge, "URI", static_cast<std::int64_t>(text.size()));
    }
    const std::size_t colon = text.find(':');
    const std::string_view scheme = text.substr(0, colon);
    if (colon == std::string_view::npos || !is_scheme(scheme)) {
        return fail(Errc::Malformed, "URI scheme");
    }
    Uri uri;
    const std::string_view rest = text.substr(colon + 1);
    if (equals_ignoring_case(scheme, "sip") || equals_ignoring_case(scheme, "sips")) {
        uri.scheme_ = scheme.size() == 3 ? Scheme::Sip : Scheme::Sips;
        PB_CHECK(uri.parse_sip(rest));
        return uri;
    }
    if (equals_ignoring_case(scheme, "tel")) {
        uri.scheme_ = Scheme::Tel;
        PB_CHECK(uri.parse_tel(rest));
        return uri;
    }
    if (!all_of_or_escaped(rest, kUriChar)) {
        return fail(Errc::Malformed, "URI");
    }
    uri.scheme_ = Scheme::Other;
    uri.scheme_name_ = scheme;
    uri.opaque_ = rest;
    return uri;
}

Uri Uri::sip(std::string_view user, std::string_view host, std::optional<std::uint16_t> port) {
    Uri uri;
    uri.set_user(user);
    uri.set_host(host);
    uri.port_ = port;
    return uri;
}

Result<void> Uri::parse_sip(std::string_view text) {
    // "@" stands nowhere else in a SIP URI, so the first one ends the user part, whatever else
    // (";", "?", "/") that part holds.
    if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
        PB_CHECK(parse_user(text.substr(0, at)));
        text.remove_prefix(at + 1);
    }
    const std::size_t host_end = std::min(text.find_first_of(";?"), text.size());
    PB_CHECK(parse_host_and_port(text.substr(0, host_end)));
    text.remove_prefix(host_end);
    const std::size_t parameters_end = std::min(text.find('?'), text.size());
    PB_CHECK(parse_parameters(text.substr(0, parameters_end)));
    return parse_headers(text.substr(parameters_end));
}

Result<void> Uri::parse_tel(std::string_view text) {
    const std::size_t number_end = std::min(text.find(';'), text.size());
    if (!is_phone_number(text.substr(0, number_end))) {
        return fail(Errc::Malformed, "telephone number");
    }
    user_ = text.substr(0, number_end);
    return parse_parameters(text.substr(number_end));
}

Result<void> Uri::parse_user(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view user = text.substr(0, colon);
    if (!all_of_or_escaped(user, kUserChar)) {
        return fail(Errc::Malformed, "user part of the URI");
    }
    user_ = user;
    if (colon == std::string_view::npos) {
        return {};
    }
    const std::string_view password = text.substr(colon + 1);
    if (!password.empty() && !all_of_or_escaped(password, kPasswordChar)) {
        return fail(Errc::Malformed, "password of the URI");
    }
    password_ = password;
    return {};
}

Result<void> Uri::parse_host_and_port(std::string_view text) {
    const std::size_t bracket = text.find(']');
    const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (!is_host(text.substr(0, colon))) {
        return fail(Errc::Malformed, "host of the URI");
    }
    host_ = normal_host(text.substr(0, colon));
    if (colon == std::string_view::npos) {
        return {};
    }
    port_ = parse_port(text.substr(colon + 1));
    if (!port_) {
        return fail(Errc::Malformed, "port of the URI");
    }
    return {};
}

Result<void> Uri::parse_parameters(std::string_view text) {
    while (!text.empty()) {
        text.remove_prefix(1);  // the semicolon
        const std::string_view one = text.substr(0, text.find(';'));
        text.remove_prefix(one.size());
        const std::size_t equals = one.find('=');
        Parameter parameter{std::string(one.substr(0, equals)), std::nullopt, false};
        if (!all_of_or_escaped(parameter.name, kParameterChar)) {
            return fail(Errc::Malformed, "parameter name of the URI");
        }
        if (equals != std::string_view::npos) {
            parameter.value = one.substr(equals + 1);
            if (!all_of_or_escaped(*parameter.value, kParameterChar)) {
                return fail(Errc::Malformed, "parameter value of the URI");
            }
        }
        // "%6C%72" repeats "lr".
        if (this->parameter(percent_decode(parameter.name).value_or(parameter.name))) {
            return fail(Errc::Malformed, "repeated parameter of the URI");
        }
        PB_CHECK(parameters_.add(std::move(parameter)));
    }
    return {};
}

Result<void> Uri::parse_headers(std::string_view text) {
    while (!text.empty()) {
        text.remove_prefix(1);  // "?" or "&"
        const std::string_view one = text.substr(0, text.find('&'));
        text.remove_prefix(one.size());
        const auto [name, value] = split_once(one, '=');
        const bool value_is_good = value.empty() || all_of_or_escaped(value, kUriHeaderChar);
        if (!all_of_or_escaped(name, kUriHeaderChar) || !value_is_good ||
            one.size() == name.size()) {
            return fail(Errc::Malformed, "header of the URI");
        }
        if (headers_.size() == kMaxParameters) {
            return fail(Errc::TooLarge, "headers of the URI");
        }
        headers_.push_back(Header{std::string(name), std::string(value)});
    }
    return {};
}

std::string_view Uri::scheme_name() const {
    switch (scheme_) {
        case Scheme::Sip: return "sip";
        case Scheme::Sips: return "sips";
        case Scheme::Tel: return "tel";
        case Scheme::Other: break;
    }
    return scheme_name_;
}

std::string Uri::decoded_user() const {
    return percent_decode(user_).value_or(user_);
}

std::optional<std::string> Uri::parameter(std::string_view name) const {
    for (const Parameter& parameter : parameters_.all()) {
        // Names may be escaped too: "%6C%72" is "lr" (RFC 4475 3.1.1.3).
        const auto decoded = percent_decode(parameter.name);
        if (decoded && equals_ignoring_case(*decoded, name)) {
            return parameter.value ? percent_decode(*parameter.value).value_or(*parameter.value)
                                   : std::string{};
        }
    }
    return std::nullopt;
}

void Uri::set_user(std::string_view plain_text) {
    user_ = percent_encode(plain_text, kKeptInUser);
}

void Uri::set_host(std::string_view host) {
    const bool bare_ipv6 = host.find(':') != std::string_view::npos && host.front() != '[';
    host_ = bare_ipv6 ? "[" + std::string(host) + "]" : std::string(host);
}

void Uri::set_parameter(std::string_view name, std::string_view plain_text) {
    parameters_.set(name, percent_encode(plain_text, kKeptInParameter));
}

void Uri::add_header(std::string_view name, std::string_view plain_text) {
    headers_.push_back({percent_encode(name, {}), percent_encode(plain_text, {})});
}

std::optional<std::string> Uri::header(std::string_view name) const {
    for (const Header& header : headers_) {
        if (equals_ignoring_case(percent_decode(header.name).value_or(""), name)) {
            return percent_decode(header.value);
        }
    }
    return std::nullopt;
}

Uri Uri::for_request() const {
    Uri uri = *this;
    uri.headers_.clear();
    uri.remove_parameter("method");
    return uri;
}

std::string Uri::to_string() const {
    std::string out;
    write(out);
    return out;
}

void Uri::write(std::string& out) const {
    out.append(scheme_name()).append(":");
    if (scheme_ == Scheme::Other) {
        out.append(opaque_);
        return;
    }
    out.append(user_);
    if (password_) {
        out.append(":").append(*password_);
    }
    if (is_sip_or_sips()) {
        out.append(user_.empty() ? "" : "@").append(host_);
    }
    if (port_) {
        out.append(":").append(std::to_string(*port_));
    }
    parameters_.write(out);
    char separator = '?';
    for (const Header& header : headers_) {
        out.append(1, separator).append(header.name).append("=").append(header.value);
        separator = '&';
    }
}

}  // namespace patchbay::sip
