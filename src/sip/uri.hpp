// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sip/parameters.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::sip {

// A sip:, sips: (RFC 3261 19.1) or tel: (RFC 3966) URI, or one of a scheme that is opaque to us.
// Parts are kept as they were written, escapes included, so that a URI goes out as it came in; the
// accessors that decode say so.
class Uri {
  public:
    enum class Scheme : std::uint8_t { Sip, Sips, Tel, Other };
    struct Header {  // of "?name=value&name=value", escaped
        std::string name;
        std::string value;

        friend bool operator==(const Header&, const Header&) = default;
    };

    Uri() = default;  // "sip:" with an empty host: to be filled
    // Text without white space around it. TooLarge beyond kMaxUriBytes.
    static Result<Uri> parse(std::string_view text);
    // "sip:user@host:port"; `user` is plain text, and is escaped.
    static Uri sip(std::string_view user,
                   std::string_view host,
                   std::optional<std::uint16_t> port = {});

    Scheme scheme() const { return scheme_; }
    std::string_view scheme_name() const;
    bool is_sip_or_sips() const { return scheme_ == Scheme::Sip || scheme_ == Scheme::Sips; }

    // Of sip and sips: the user part; of tel: the number, as written.
    std::string_view user() const { return user_; }
    std::string decoded_user() const;
    const std::optional<std::string>& password() const { return password_; }
    // Name, IPv4 address, or IPv6 address in brackets; empty for tel and opaque URIs.
    std::string_view host() const { return host_; }
    std::optional<std::uint16_t> port() const { return port_; }
    const std::vector<Header>& headers() const { return headers_; }
    // Decoded value of the first one of the name; absent when there is none.
    std::optional<std::string> header(std::string_view name) const;
    // What follows the scheme of an opaque URI.
    std::string_view opaque() const { return opaque_; }

    // Decoded value; empty for a parameter without one.
    std::optional<std::string> parameter(std::string_view name) const;
    const Parameters& parameters() const { return parameters_; }
    bool is_loose_router() const { return parameter("lr").has_value(); }

    void set_scheme(Scheme scheme) { scheme_ = scheme; }
    void set_user(std::string_view plain_text);
    // An IPv6 address gets its brackets.
    void set_host(std::string_view host);
    void set_parameter(std::string_view name, std::string_view plain_text);
    void set_flag(std::string_view name) { parameters_.set_flag(name); }
    void remove_parameter(std::string_view name) { parameters_.remove(name); }
    // Appends "?name=value"; both are plain text, and are escaped.
    void add_header(std::string_view name, std::string_view plain_text);
    // A Request-URI carries neither headers nor a method (RFC 3261 19.1.1, table 1).
    Uri for_request() const;

    std::string to_string() const;
    void write(std::string& out) const;

    // The comparison of RFC 3261 19.1.4 and RFC 3966 section 4. It is not transitive (a parameter
    // that one side lacks is ignored), so a Uri is no key of a map.
    friend bool operator==(const Uri& a, const Uri& b);

  private:
    Result<void> parse_sip(std::string_view text);
    Result<void> parse_tel(std::string_view text);
    Result<void> parse_user(std::string_view text);
    Result<void> parse_host_and_port(std::string_view text);
    Result<void> parse_parameters(std::string_view text);
    Result<void> parse_headers(std::string_view text);

    Scheme scheme_ = Scheme::Sip;
    std::string scheme_name_;  // of Other only
    std::string user_;
    std::optional<std::string> password_;
    std::string host_;
    std::optional<std::uint16_t> port_;
    Parameters parameters_;
    std::vector<Header> headers_;
    std::string opaque_;
};

}  // namespace patchbay::sip
