// SPDX-License-Identifier: Apache-2.0
#include "sip/header/via.hpp"

#include "base/text.hpp"
#include "sip/grammar.hpp"

namespace patchbay::sip {
namespace {

// sent-protocol = protocol-name SLASH protocol-version SLASH transport
Result<void> parse_protocol(Scanner& scanner, Via& via) {
    via.protocol = scanner.token();
    const bool has_version = scanner.accept('/');
    const std::string_view version = scanner.token();
    if (via.protocol.empty() || !has_version || version.empty() || !scanner.accept('/')) {
        return fail(Errc::Malformed, "Via protocol", scanner.position());
    }
    via.protocol.append("/").append(version);
    via.transport = scanner.token();
    if (via.transport.empty() || !is_space(scanner.peek())) {
        return fail(Errc::Malformed, "Via transport", scanner.position());
    }
    scanner.skip_space();
    return {};
}

Result<void> parse_sent_by(Scanner& scanner, Via& via) {
    via.host = scanner.peek() == '[' ? scanner.until("]") : scanner.until(":; \t\r\n");
    if (scanner.peek() == ']') {
        via.host.append("]");
        scanner.advance(1);
    }
    if (!is_host(via.host)) {
        return fail(Errc::Malformed, "Via host", scanner.position());
    }
    if (scanner.accept(':')) {
        via.port = parse_port(scanner.until("; \t\r\n"));
        if (!via.port) {
            return fail(Errc::Malformed, "Via port", scanner.position());
        }
    }
    return {};
}

}  // namespace

Result<Via> Via::parse(std::string_view value) {
    Scanner scanner(trim(value));
    Via via;
    PB_CHECK(parse_protocol(scanner, via));
    PB_CHECK(parse_sent_by(scanner, via));
    PB_TRY(via.parameters, Parameters::parse(scanner));
    if (!scanner.done()) {
        return fail(Errc::Malformed, "Via", scanner.position());
    }
    return via;
}

void Via::write(std::string& out) const {
    out.append(protocol).append("/").append(transport).append(" ").append(host);
    if (port) {
        out.append(":").append(std::to_string(*port));
    }
    parameters.write(out);
}

bool Via::has_cookie() const {
    return starts_with_ignoring_case(branch().value_or(""), kBranchCookie);
}

std::string Via::sent_by() const {
    std::string out = to_lower(host);
    if (port) {
        out.append(":").append(std::to_string(*port));
    }
    return out;
}

std::optional<std::uint16_t> Via::rport() const {
    return parse_port(parameters.get("rport").value_or(""));
}

void Via::stamp(const SocketAddress& source) {
    const auto written = IpAddress::parse(host);
    if (asks_for_rport() || written != source.ip) {
        parameters.set("received", source.ip.to_string());
    } else {
        parameters.remove("received");  // only the receiver may write it
    }
    if (asks_for_rport()) {
        parameters.set("rport", std::to_string(source.port));
    }
}

}  // namespace patchbay::sip
