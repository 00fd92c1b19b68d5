// SPDX-License-Identifier: Apache-2.0
#include "sip/header/reason.hpp"

#include "base/text.hpp"
#include "sip/grammar.hpp"
#include "sip/header/number.hpp"

namespace patchbay::sip {

Result<Reason> Reason::parse(std::string_view value) {
    Scanner scanner(trim(value));
    Reason reason;
    reason.protocol = scanner.token();
    PB_TRY(reason.parameters, Parameters::parse(scanner));
    if (reason.protocol.empty() || !scanner.done()) {
        return fail(Errc::Malformed, "Reason", scanner.position());
    }
    return reason;
}

void Reason::write(std::string& out) const {
    out.append(protocol);
    parameters.write(out);
}

std::optional<std::uint32_t> Reason::cause() const {
    return parse_number<std::uint32_t>(parameters.get("cause").value_or(""));
}

Result<Warning> Warning::parse(std::string_view value) {
    constexpr std::uint32_t kLargestCode = 999;
    Scanner scanner(trim(value));
    Warning warning;
    PB_TRY(const std::uint32_t code,
           parse_decimal(scanner.until(" \t\r\n"), kLargestCode, "Warning code"));
    warning.code = static_cast<std::uint16_t>(code);
    scanner.skip_space();
    warning.agent = scanner.until(" \t\r\n\"");
    scanner.skip_space();
    if (warning.agent.empty() || scanner.peek() != '"') {
        return fail(Errc::Malformed, "Warning", scanner.position());
    }
    PB_TRY(warning.text, scanner.quoted_string());
    if (!scanner.done()) {
        return fail(Errc::Malformed, "Warning", scanner.position());
    }
    return warning;
}

void Warning::write(std::string& out) const {
    write_decimal(code, out);
    out.append(" ").append(agent).append(" ");
    write_quoted(text, out);
}

}  // namespace patchbay::sip
