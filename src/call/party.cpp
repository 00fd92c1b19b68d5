// SPDX-License-Identifier: Apache-2.0
#include "call/party.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace patchbay::call {
namespace {

bool has_scheme(std::string_view text) {
    return starts_with_ignoring_case(text, "sip:") || starts_with_ignoring_case(text, "sips:") ||
           starts_with_ignoring_case(text, "tel:");
}

// "+49 30 1234", "1001", "*98": what people type on a phone.
bool is_number(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_digit(c) || std::string_view("+*#-. ()").find(c) != std::string_view::npos;
    });
}

}  // namespace

Result<sip::Uri> callee_uri(std::string_view callee) {
    callee = trim(callee);
    if (is_number(callee) || starts_with_ignoring_case(callee, "tel:")) {
        return fail(Errc::NotFound, "route to the callee");
    }
    PB_TRY(const sip::Uri uri, sip::Uri::parse(has_scheme(callee) ? std::string(callee)
                                                                  : "sip:" + std::string(callee)));
    // "mailto:bob@example.com" would otherwise be the user "mailto" with a password.
    const bool other_scheme = !has_scheme(callee) && uri.password();
    if (!uri.is_sip_or_sips() || uri.host().empty() || other_scheme) {
        return fail(Errc::Malformed, "callee");
    }
    return uri.for_request();
}

Result<sip::Uri> caller_uri(const CallOption& option, std::string_view local_host) {
    if (option.caller && !trim(*option.caller).empty()) {
        const std::string_view caller = trim(*option.caller);
        if (has_scheme(caller)) {
            return sip::Uri::parse(caller);
        }
        if (caller.find('@') != std::string_view::npos) {
            return sip::Uri::parse("sip:" + std::string(caller));
        }
        return sip::Uri::sip(caller, local_host);
    }
    if (option.sip && option.sip->username) {
        return sip::Uri::sip(*option.sip->username,
                             option.sip->realm.value_or(std::string(local_host)));
    }
    return sip::Uri::sip("patchbay", local_host);
}

std::string without_password(std::string_view party) {
    const std::size_t at = party.find('@');
    const std::string before = to_lower(party.substr(0, at));
    std::size_t user = 0;
    for (const std::string_view scheme : {"sips:", "sip:"}) {
        if (const auto found = before.find(scheme); user == 0 && found != std::string::npos) {
            user = found + scheme.size();
        }
    }
    const std::size_t password = before.find(':', user);
    if (at == std::string_view::npos || password == std::string::npos) {
        return std::string(party);
    }
    return std::string(party.substr(0, password)) + std::string(party.substr(at));
}

Attendee attendee_of(std::string_view party) {
    Attendee attendee{.username = {}, .realm = {}, .source = without_password(party)};
    if (is_number(trim(party))) {
        attendee.username = trim(party);
        return attendee;
    }
    const std::string text = has_scheme(party) ? std::string(party) : "sip:" + std::string(party);
    if (const auto uri = sip::Uri::parse(text)) {
        attendee.username = uri->decoded_user();
        attendee.realm = uri->host();
    }
    return attendee;
}

}  // namespace patchbay::call
