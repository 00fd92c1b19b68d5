// SPDX-License-Identifier: Apache-2.0
#include "sip/header/name_addr.hpp"

#include "base/text.hpp"
#include "sip/grammar.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::sip {
namespace {

// *( token LWS ) before the "<". Anything else would have to be quoted.
Result<std::string> parse_display_tokens(std::string_view text) {
    const std::string name = unfold(trim(text));
    const bool tokens = std::all_of(name.begin(), name.end(), [](char c) {
        return is_of(c, kTokenChar) || is_space(c) || static_cast<unsigned char>(c) >= 0x80;
    });
    if (!tokens) {
        return fail(Errc::Malformed, "display name");
    }
    return name;
}

Result<Uri> parse_bracketed_uri(Scanner& scanner) {
    scanner.advance(1);
    PB_TRY(Uri uri, Uri::parse(scanner.until(">")));
    if (scanner.done()) {
        return fail(Errc::Malformed, "angle brackets");
    }
    scanner.advance(1);
    return uri;
}

// addr-spec without brackets ends at the first ";", and may hold neither "," nor "?"
// (RFC 3261 20.10).
Result<Uri> parse_bare_uri(std::string_view text) {
    if (text.find_first_of(",?") != std::string_view::npos) {
        return fail(Errc::Malformed, "URI that needs angle brackets");
    }
    return Uri::parse(text);
}

Result<NameAddr> parse_address(Scanner& scanner) {
    NameAddr address;
    if (scanner.peek() == '"') {
        PB_TRY(address.display_name, scanner.quoted_string());
        scanner.skip_space();
        if (scanner.peek() != '<') {
            return fail(Errc::Malformed, "address after the display name", scanner.position());
        }
    } else if (const std::string_view before = Scanner(scanner.rest()).until("<;");
               before.size() == scanner.rest().size() || scanner.rest()[before.size()] == ';') {
        scanner.advance(before.size());
        PB_TRY(address.uri, parse_bare_uri(trim(before)));
        return address;
    } else {
        PB_TRY(address.display_name, parse_display_tokens(before));
        scanner.advance(before.size());
    }
    PB_TRY(address.uri, parse_bracketed_uri(scanner));
    return address;
}

bool needs_no_quotes(std::string_view display_name) {
    return std::all_of(display_name.begin(), display_name.end(),
                       [](char c) { return is_of(c, kTokenChar); });
}

}  // namespace

Result<NameAddr> NameAddr::parse(std::string_view value) {
    Scanner scanner(trim(value));
    PB_TRY(NameAddr address, parse_address(scanner));
    PB_TRY(address.parameters, Parameters::parse(scanner));
    if (!scanner.done()) {
        return fail(Errc::Malformed, "address", scanner.position());
    }
    return address;
}

void NameAddr::write(std::string& out) const {
    if (!display_name.empty()) {
        if (needs_no_quotes(display_name)) {
            out.append(display_name);
        } else {
            write_quoted(display_name, out);
        }
        out.append(" ");
    }
    out.append("<");
    uri.write(out);
    out.append(">");
    parameters.write(out);
}

Result<Contact> Contact::parse(std::string_view value) {
    Contact contact;
    if (trim(value) == "*") {
        contact.wildcard = true;
        return contact;
    }
    PB_TRY(static_cast<NameAddr&>(contact), NameAddr::parse(value));
    return contact;
}

void Contact::write(std::string& out) const {
    if (wildcard) {
        out.append("*");
    } else {
        NameAddr::write(out);
    }
}

std::optional<std::uint32_t> Contact::expires() const {
    return parse_number<std::uint32_t>(parameters.get("expires").value_or(""));
}

}  // namespace patchbay::sip
