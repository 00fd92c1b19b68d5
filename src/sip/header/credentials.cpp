// SPDX-License-Identifier: Apache-2.0
#include "sip/header/credentials.hpp"

#include "base/text.hpp"
#include "sip/grammar.hpp"
#include "sip/limits.hpp"

#include <utility>

namespace patchbay::sip {
namespace {

// auth-param = auth-param-name EQUAL ( token / quoted-string ). An unquoted value may be anything
// up to the comma: base64 and URIs are met there.
Result<Parameter> parse_auth_parameter(Scanner& scanner) {
    Parameter parameter;
    parameter.name = scanner.token();
    if (parameter.name.empty() || !scanner.accept('=')) {
        return fail(Errc::Malformed, "authentication parameter", scanner.position());
    }
    if (scanner.peek() == '"') {
        PB_TRY(parameter.value, scanner.quoted_string());
        parameter.quoted = true;
    } else {
        parameter.value = trim(scanner.until(", \t\r\n\""));
    }
    return parameter;
}

}  // namespace

Result<AuthParameters> AuthParameters::parse(std::string_view value) {
    Scanner scanner(trim(value));
    AuthParameters parameters;
    parameters.scheme = scanner.token();
    if (parameters.scheme.empty()) {
        return fail(Errc::Malformed, "authentication scheme");
    }
    scanner.skip_space();
    while (!scanner.done()) {
        PB_TRY(Parameter parameter, parse_auth_parameter(scanner));
        if (parameters.get(parameter.name)) {
            return fail(Errc::Malformed, "repeated authentication parameter", scanner.position());
        }
        parameters.list.push_back(std::move(parameter));
        if (parameters.list.size() > kMaxParameters) {
            return fail(Errc::TooLarge, "authentication parameters");
        }
        scanner.skip_space();
        if (!scanner.done() && !scanner.accept(',')) {
            return fail(Errc::Malformed, "authentication parameters", scanner.position());
        }
    }
    return parameters;
}

void AuthParameters::write(std::string& out) const {
    out.append(scheme);
    std::string_view separator = " ";
    for (const Parameter& parameter : list) {
        out.append(separator).append(parameter.name).append("=");
        if (parameter.quoted) {
            write_quoted(parameter.value.value_or(""), out);
        } else {
            out.append(parameter.value.value_or(""));
        }
        separator = ", ";
    }
}

bool AuthParameters::is_digest() const {
    return equals_ignoring_case(scheme, "Digest");
}

std::optional<std::string_view> AuthParameters::get(std::string_view name) const {
    for (const Parameter& parameter : list) {
        if (equals_ignoring_case(parameter.name, name)) {
            return parameter.value ? std::string_view(*parameter.value) : std::string_view{};
        }
    }
    return std::nullopt;
}

void AuthParameters::add(std::string_view name, std::string_view value) {
    list.push_back(Parameter{std::string(name), std::string(value), false});
}

void AuthParameters::add_quoted(std::string_view name, std::string_view value) {
    list.push_back(Parameter{std::string(name), std::string(value), true});
}

}  // namespace patchbay::sip
