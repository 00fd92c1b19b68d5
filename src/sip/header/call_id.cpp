// SPDX-License-Identifier: Apache-2.0
#include "sip/header/call_id.hpp"

#include "base/text.hpp"
#include "sip/grammar.hpp"

namespace patchbay::sip {
namespace {

// word [ "@" word ]
bool is_call_id(std::string_view text) {
    const std::size_t at = text.find('@');
    return all_of(text.substr(0, at), kWordChar) &&
           (at == std::string_view::npos || all_of(text.substr(at + 1), kWordChar));
}

}  // namespace

Result<CallId> CallId::parse(std::string_view value) {
    const std::string_view text = trim(value);
    if (!is_call_id(text)) {
        return fail(Errc::Malformed, "Call-ID");
    }
    return CallId{std::string(text)};
}

void CallId::write(std::string& out) const {
    out.append(value);
}

Result<Replaces> Replaces::parse(std::string_view value) {
    Scanner scanner(trim(value));
    Replaces replaces;
    replaces.call_id = trim(scanner.until(";"));
    PB_TRY(const Parameters parameters, Parameters::parse(scanner));
    replaces.to_tag = parameters.get("to-tag").value_or("");
    replaces.from_tag = parameters.get("from-tag").value_or("");
    replaces.early_only = parameters.has("early-only");
    // RFC 3891 6.1: exactly one of each tag.
    if (!scanner.done() || !is_call_id(replaces.call_id) || !is_token(replaces.to_tag) ||
        !is_token(replaces.from_tag)) {
        return fail(Errc::Malformed, "Replaces", scanner.position());
    }
    return replaces;
}

void Replaces::write(std::string& out) const {
    out.append(call_id).append(";to-tag=").append(to_tag).append(";from-tag=").append(from_tag);
    if (early_only) {
        out.append(";early-only");
    }
}

}  // namespace patchbay::sip
