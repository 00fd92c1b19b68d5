// SPDX-License-Identifier: Apache-2.0
#include "compat/oracle/difference.hpp"
#include "compat/oracle/mutation.hpp"
#include "compat/oracle/oracle.hpp"
#include "compat/oracle/test_files.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace patchbay::test {
namespace {

using Kind = Decided::Kind;

bool has_a_nul(std::string_view text) {
    return text.find('\0') != std::string_view::npos;
}
bool has_several_parts(std::string_view text) {
    return text.find("multipart") != std::string_view::npos;
}
bool has_a_third_colon(std::string_view text) {
    return text.find(":::") != std::string_view::npos;
}
bool matches(std::string_view text, const char* expression) {
    return std::regex_search(std::string(text), std::regex(expression, std::regex::icase));
}
bool has_a_foreign_scheme(std::string_view text) {
    return matches(text, "(^|\n)(to|t|from|f|contact|m) *:[^\r]*([a-z]+[-+.0-9]+[a-z0-9]*|\\bs):");
}
bool has_a_foreign_host(std::string_view text) {
    return !matches(text, "(^|\n)(to|t)[ \t]*:[^\r]*\\bsips?:");
}
bool has_a_loose_value(std::string_view text) {
    return matches(text, "[;: ][^;=\r\n]*=[^;\r\n]*[=@&?\\]]") || matches(text, "Authorization:");
}
bool lacks_the_reason_phrase(std::string_view text) {
    return text.starts_with("SIP/2.0 ");
}

constexpr Decided kDecided[] = {
    // What we refuse. They read the fields that they know, each with a grammar of its own.
    {Kind::WeRefuse, "line end", "RFC 3261 7",
     "lines end with CRLF; a bare CR or LF helps request smuggling"},
    {Kind::WeRefuse, "header name", "RFC 3261 7.3.1", "a name is a token, right before its colon"},
    {Kind::WeRefuse, "end of the headers", "RFC 3261 7",
     "an empty line ends them, also where there is no body"},
    {Kind::WeRefuse, "body shorter", "RFC 3261 18.3",
     "a datagram shorter than its Content-Length: 400, or a response dropped"},
    {Kind::WeRefuse, "request line", "RFC 3261 7.1", "Method SP Request-URI SP SIP-Version"},
    {Kind::WeRefuse, "status line", "RFC 3261 7.2", "100 to 699, and a reason phrase of one line"},
    {Kind::WeRefuse, "Request-URI", "RFC 3261 19.1.1",
     "no headers in it; else see the decisions about URIs"},
    {Kind::WeRefuse, "416", "RFC 3261 8.2.2.1", "a Request-URI of a scheme that we do not serve"},
    {Kind::WeRefuse, "420", "RFC 3261 8.2.2.3",
     "Require names what we do not do; a parser does not look"},
    {Kind::WeRefuse, "505", "RFC 3261 21.5.6", "another version than SIP/2.0"},
    {Kind::WeRefuse, "SIP-Version", "RFC 3261 7.1", "digits, a dot, digits"},
    {Kind::WeRefuse, "CSeq", "RFC 3261 8.1.1.5",
     "there, below 2**31, with the method of the request"},
    {Kind::WeRefuse, "Call-ID", "RFC 3261 25.1", "there, and word [ @ word ]"},
    {Kind::WeRefuse, "Content-Length", "RFC 3261 25.1", "digits"},
    {Kind::WeRefuse, "Max-Forwards", "RFC 3261 20.22", "0 to 255"},
    {Kind::WeRefuse, "From", "RFC 3261 8.1.1", "mandatory, once"},
    {Kind::WeRefuse, "To", "RFC 3261 8.1.1", "mandatory, once"},
    {Kind::WeRefuse, "Via", "RFC 3261 25.1",
     "there, a via-parm; the cookie wants an identifier (RFC 4475 3.2.1)"},
    {Kind::WeRefuse, "Require", "RFC 3261 25.1", "option tags are tokens"},
    {Kind::WeRefuse, "Proxy-Require", "RFC 3261 25.1", "the same"},
    {Kind::WeRefuse, "URI that needs", "RFC 3261 20.10",
     "comma, question mark and semicolon want the brackets"},
    {Kind::WeRefuse, "URI", "RFC 3261 25.1", "see the decisions about URIs"},
    {Kind::WeRefuse, "host of the URI", "RFC 3261 25.1", "the same"},
    {Kind::WeRefuse, "header of the URI", "RFC 3261 25.1", "the same"},
    {Kind::WeRefuse, "user part of the URI", "RFC 3261 25.1", "the same"},
    {Kind::WeRefuse, "password of the URI", "RFC 3261 25.1", "the same"},
    {Kind::WeRefuse, "port of the URI", "RFC 3261 25.1", "the same"},
    {Kind::WeRefuse, "address", "RFC 3261 25.1", "name-addr / addr-spec, and nothing behind"},
    {Kind::WeRefuse, "display name", "RFC 3261 25.1", "tokens, or one quoted string"},
    {Kind::WeRefuse, "quoted string", "RFC 3261 25.1", "it has an end"},
    {Kind::WeRefuse, "parameter", "RFC 3261 7.3.1", "generic-param, and no name twice"},
    {Kind::WeRefuse, "list", "RFC 3261 7.3.1", "no empty elements"},
    {Kind::WeRefuse, "media type", "RFC 3261 25.1", "type / subtype"},
    // What we accept.
    {Kind::WeAccept, "", "RFC 4475 3.1.1.2", "a quoted pair may be a NUL; a C string ends there",
     has_a_nul},
    {Kind::WeAccept, "", "RFC 4475 3.1.1.11",
     "a body is its reader's business; the library cuts it into parts", has_several_parts},
    {Kind::WeAccept, "", "RFC 3261 25.1", "password = *( ... ) may be empty",
     [](std::string_view text) { return matches(text, "sips?:[^ \r\n]*:@"); }},
    {Kind::WeAccept, "", "RFC 3986 3.1", "a scheme may have + - . and digits, and be short",
     has_a_foreign_scheme},
    {Kind::WeAccept, "", "RFC 3261 25.1",
     "lenient: = @ & ? [ ] in unquoted values, which is how base64 and addresses are met",
     has_a_loose_value},
    // What we read.
    {Kind::WeRead, "to.host", "RFC 5118 4.10", "the third colon is dropped", has_a_third_colon},
    {Kind::WeRead, "to.host", "RFC 3986 3.1", "an unknown scheme is opaque, it has no host",
     has_a_foreign_host},
    {Kind::WeRead, "vias", "RFC 3261 7.2",
     "no space and no phrase after the status; libosip2 then takes the next line for the phrase",
     lacks_the_reason_phrase},
};

TEST(MessageOracle, ReadsWhatWeReadOrAClauseDecides) {
    if (oracles().empty()) {
        GTEST_SKIP() << kNoOracle;
    }
    std::vector<std::string> texts = files_of("tests/data/rfc4475");
    for (const std::string& text : files_of("tests/data/rfc5118")) {
        texts.push_back(text);
    }
    Differences differences(kDecided);
    for (const std::string& text : with_mutations(texts, 20'000, 2)) {
        const OwnReading own = own_message(text);
        for (const Oracle* oracle : oracles()) {
            differences.compare(*oracle, text, own, oracle->message(text));
        }
    }
    differences.expect_all_decided();
}

}  // namespace
}  // namespace patchbay::test
