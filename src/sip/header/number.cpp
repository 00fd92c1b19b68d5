// SPDX-License-Identifier: Apache-2.0
#include "sip/header/number.hpp"

#include "base/text.hpp"
#include "sip/grammar.hpp"

#include <algorithm>

namespace patchbay::sip {
namespace {

// "(I'm in a meeting)", nested parentheses included; the cursor stands on the opening one.
Result<std::string> parse_comment(Scanner& scanner) {
    const std::string_view text = scanner.rest();
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '(') {
            ++depth;
        } else if (text[i] == ')' && --depth == 0) {
            scanner.advance(i + 1);
            return unfold(text.substr(1, i - 1));
        }
    }
    return fail(Errc::Malformed, "comment", scanner.position());
}

}  // namespace

Result<std::uint32_t> parse_decimal(std::string_view value,
                                    std::uint32_t maximum,
                                    std::string_view where) {
    const std::string_view digits = trim(value);
    if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) {
        return fail(Errc::Malformed, where);
    }
    const auto number = parse_number<std::uint32_t>(digits);
    if (!number || *number > maximum) {
        return fail(Errc::OutOfRange, where);
    }
    return *number;
}

void write_decimal(std::uint32_t value, std::string& out) {
    out.append(std::to_string(value));
}

Result<RetryAfter> RetryAfter::parse(std::string_view value) {
    Scanner scanner(trim(value));
    RetryAfter retry;
    PB_TRY(retry.seconds, parse_decimal(scanner.until("(; \t\r\n"), kAnyNumber, "Retry-After"));
    scanner.skip_space();
    if (scanner.peek() == '(') {
        PB_TRY(retry.comment, parse_comment(scanner));
    }
    PB_TRY(retry.parameters, Parameters::parse(scanner));
    if (!scanner.done()) {
        return fail(Errc::Malformed, "Retry-After", scanner.position());
    }
    return retry;
}

void RetryAfter::write(std::string& out) const {
    write_decimal(seconds, out);
    if (!comment.empty()) {
        out.append(" (").append(comment).append(")");
    }
    parameters.write(out);
}

template <HeaderId Id>
Result<SessionInterval<Id>> SessionInterval<Id>::parse(std::string_view value) {
    Scanner scanner(trim(value));
    SessionInterval interval;
    PB_TRY(interval.seconds, parse_decimal(scanner.until(";"), kAnyNumber, header_name(Id)));
    PB_TRY(interval.parameters, Parameters::parse(scanner));
    if (!scanner.done()) {
        return fail(Errc::Malformed, header_name(Id), scanner.position());
    }
    return interval;
}

template <HeaderId Id>
void SessionInterval<Id>::write(std::string& out) const {
    write_decimal(seconds, out);
    parameters.write(out);
}

template struct SessionInterval<HeaderId::SessionExpires>;
template struct SessionInterval<HeaderId::MinSe>;

}  // namespace patchbay::sip
