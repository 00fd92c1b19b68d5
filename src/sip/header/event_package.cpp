// SPDX-License-Identifier: Apache-2.0
#include "sip/header/event_package.hpp"

#include "base/text.hpp"
#include "sip/grammar.hpp"

namespace patchbay::sip {
namespace {

struct TokenWithParameters {
    std::string token;
    Parameters parameters;
};

Result<TokenWithParameters> parse_token_with_parameters(std::string_view value,
                                                        std::string_view where) {
    Scanner scanner(trim(value));
    TokenWithParameters parsed;
    parsed.token = scanner.token();
    PB_TRY(parsed.parameters, Parameters::parse(scanner));
    if (parsed.token.empty() || !scanner.done()) {
        return fail(Errc::Malformed, where, scanner.position());
    }
    return parsed;
}

}  // namespace

Result<EventPackage> EventPackage::parse(std::string_view value) {
    PB_TRY(TokenWithParameters parsed, parse_token_with_parameters(value, "Event"));
    return EventPackage{std::move(parsed.token), std::move(parsed.parameters)};
}

void EventPackage::write(std::string& out) const {
    out.append(package);
    parameters.write(out);
}

Result<SubscriptionState> SubscriptionState::parse(std::string_view value) {
    PB_TRY(TokenWithParameters parsed, parse_token_with_parameters(value, "Subscription-State"));
    return SubscriptionState{std::move(parsed.token), std::move(parsed.parameters)};
}

void SubscriptionState::write(std::string& out) const {
    out.append(state);
    parameters.write(out);
}

bool SubscriptionState::is_terminated() const {
    return equals_ignoring_case(state, "terminated");
}

std::optional<std::uint32_t> SubscriptionState::expires() const {
    return parse_number<std::uint32_t>(parameters.get("expires").value_or(""));
}

}  // namespace patchbay::sip
