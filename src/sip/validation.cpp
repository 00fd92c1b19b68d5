// SPDX-License-Identifier: Apache-2.0
#include "sip/validation.hpp"

#include "base/text.hpp"
#include "sip/grammar.hpp"
#include "sip/header.hpp"
#include "sip/limits.hpp"
#include "sip/status.hpp"
#include "sip/uri.hpp"

#include <algorithm>
#include <array>

namespace patchbay::sip {
namespace {

using Verdict = std::optional<Refusal>;
using Check = Verdict (*)(const Message&, const Capabilities&);

constexpr Verdict kGood = std::nullopt;

Verdict refuse(int status, std::string_view detail) {
    std::string reason(reason_phrase(status));
    if (!detail.empty()) {
        reason.append(" (").append(detail).append(")");
    }
    return Refusal{status, std::move(reason), {}};
}

Verdict bad_request(const Error& error) {
    return refuse(400, std::string(error.where) + " " + std::string(to_string(error.code)));
}

Result<void> check_version(const Message& message) {
    const std::string_view version = message.version();
    if (equals_ignoring_case(version, "SIP/2.0")) {
        return {};
    }
    // A version of another number is well formed; its rules are unknown, so nothing else is judged.
    const auto [major, minor] =
        split_once(version.substr(std::min<std::size_t>(4, version.size())), '.');
    const bool well_formed = parse_number<unsigned>(major) && parse_number<unsigned>(minor);
    return fail(well_formed ? Errc::Unsupported : Errc::Malformed, "SIP-Version");
}

// What stands in every message exactly once (RFC 3261 8.1.1), and what may stand at most once.
Result<void> check_counts(const Message& message) {
    constexpr std::array kOnce = {HeaderId::From, HeaderId::To, HeaderId::CallId, HeaderId::CSeq};
    constexpr std::array kAtMostOnce = {
        HeaderId::MaxForwards, HeaderId::ContentLength, HeaderId::ContentType,   HeaderId::Expires,
        HeaderId::ReferTo,     HeaderId::Replaces,      HeaderId::SessionExpires};
    for (const HeaderId id : kOnce) {
        if (message.count(id) == 0) {
            return fail(Errc::NotFound, header_name(id));
        }
        if (message.count(id) > 1) {
            return fail(Errc::Duplicate, header_name(id));
        }
    }
    for (const HeaderId id : kAtMostOnce) {
        if (message.count(id) > 1) {
            return fail(Errc::Duplicate, header_name(id));
        }
    }
    if (message.count(HeaderId::Via) == 0) {
        return fail(Errc::NotFound, header_name(HeaderId::Via));
    }
    return {};
}

// Parsed when present; the value itself is of no interest here.
template <class H>
Result<void> check_syntax(const Message& message) {
    if (message.count(H::kId) == 0) {
        return {};
    }
    if constexpr (H::kForm == HeaderForm::List) {
        PB_CHECK(message.get_all<H>());
    } else {
        PB_CHECK(message.get<H>());
    }
    return {};
}

template <class... Hs>
Result<void> check_syntax_of_all(const Message& message) {
    Result<void> result;
    (void)((result = check_syntax<Hs>(message)) && ...);
    return result;
}

// RFC 3261 25.1: no control characters, except in quoted pairs. That header text is UTF-8 is not
// insisted on: old exchanges write names in Latin-1, and a call is worth more than an umlaut.
Result<void> check_characters(const Message& message) {
    for (std::size_t i = 0; i < message.field_count(); ++i) {
        const Message::Field field = message.field(i);
        if (!has_only_text(field.value)) {
            return fail(Errc::Malformed, "control character in a header");
        }
    }
    return {};
}

Result<void> check_identity(const Message& message) {
    PB_CHECK(check_counts(message));
    PB_CHECK(check_characters(message));
    return check_syntax_of_all<Via, From, To, CallId, CSeq>(message);
}

Verdict version_is_known(const Message& request, const Capabilities&) {
    const auto version = check_version(request);
    if (version) {
        return kGood;
    }
    return version.error().code == Errc::Unsupported ? refuse(505, "")
                                                     : bad_request(version.error());
}

// Before the framing: a body that is announced beyond all limits will not come.
Verdict size_is_in_limits(const Message& request, const Capabilities&) {
    const auto length = request.get<ContentLength>();
    const bool too_large = length && length->value > kMaxMessageBytes;
    return too_large ? refuse(513, "") : kGood;
}

Verdict framing_is_sound(const Message& request, const Capabilities& capabilities) {
    if (const auto& defect = request.defect()) {
        return defect->code == Errc::TooLarge ? refuse(513, defect->where) : bad_request(*defect);
    }
    if (capabilities.framing == Framing::Stream && request.count(HeaderId::ContentLength) == 0) {
        return refuse(400, "Content-Length not found");
    }
    return kGood;
}

Verdict headers_are_sound(const Message& request, const Capabilities&) {
    if (const auto identity = check_identity(request); !identity) {
        return bad_request(identity.error());
    }
    const auto syntax = check_syntax_of_all<MaxForwards, ContentLength, ContentType, Contact, Route,
                                            RecordRoute, Require, ProxyRequire>(request);
    return syntax ? kGood : bad_request(syntax.error());
}

// RFC 3261 8.1.1.5.
Verdict cseq_names_the_method(const Message& request, const Capabilities&) {
    const auto cseq = request.get<CSeq>();
    const bool same = cseq && cseq->method_name == request.method_name();
    return same ? kGood : refuse(400, "CSeq names another method");
}

// RFC 3261 8.1.1.7: the cookie promises an identifier. Without one, two transactions of one sender
// would look the same.
Verdict branch_is_whole(const Message& request, const Capabilities&) {
    const auto via = request.get<Via>();
    const bool only_cookie =
        via && via->has_cookie() && via->branch()->size() == kBranchCookie.size();
    return only_cookie ? refuse(400, "Via branch without an identifier") : kGood;
}

// RFC 3261 8.2.2.1, 19.1.1.
Verdict request_uri_is_ours_to_read(const Message& request, const Capabilities&) {
    if (request.request_uri().size() > kMaxUriBytes) {
        return refuse(414, "");
    }
    const auto uri = Uri::parse(request.request_uri());
    if (!uri) {
        return refuse(400, "Request-URI, " + std::string(uri.error().where));
    }
    if (uri->scheme() == Uri::Scheme::Other) {
        return refuse(416, "");
    }
    return uri->headers().empty() ? kGood : refuse(400, "Request-URI with headers");
}

// RFC 3261 8.2.2.3: not for ACK and CANCEL.
Verdict extensions_are_known(const Message& request, const Capabilities& capabilities) {
    const auto required = request.get<Require>();
    if (!required || request.method() == Method::Ack || request.method() == Method::Cancel) {
        return kGood;
    }
    std::vector<std::string> unknown;
    std::copy_if(required->tokens.begin(), required->tokens.end(), std::back_inserter(unknown),
                 [&](const std::string& tag) {
                     return std::none_of(
                         capabilities.extensions.begin(), capabilities.extensions.end(),
                         [&](std::string_view known) { return equals_ignoring_case(known, tag); });
                 });
    return unknown.empty() ? kGood : Refusal{420, "Bad Extension", std::move(unknown)};
}

bool carries_a_session(const Message& request) {
    return request.method() == Method::Invite || request.method() == Method::Ack ||
           request.method() == Method::Update || request.method() == Method::Prack;
}

bool may_be_ignored(const Message& request) {
    const auto disposition = request.header(HeaderId::ContentDisposition).value_or("");
    return to_lower(disposition).find("handling=optional") != std::string::npos;
}

bool is_encoded(const Message& request) {
    const auto encoding = request.get<ContentEncoding>();
    return encoding &&
           std::any_of(encoding->tokens.begin(), encoding->tokens.end(),
                       [](const auto& one) { return !equals_ignoring_case(one, "identity"); });
}

// RFC 3261 8.2.3.
Verdict body_is_readable(const Message& request, const Capabilities& capabilities) {
    if (request.body().empty() || capabilities.content_types.empty() ||
        !carries_a_session(request) || may_be_ignored(request)) {
        return kGood;
    }
    const auto content = request.get<ContentType>();
    if (!content) {
        return refuse(400, "Content-Type not found");
    }
    const bool known =
        std::any_of(capabilities.content_types.begin(), capabilities.content_types.end(),
                    [&](std::string_view type) { return content->is(type); });
    return known && !is_encoded(request) ? kGood : refuse(415, "");
}

// RFC 3261 20.1: an INVITE whose sender reads no body that we can write cannot be answered.
Verdict answer_is_acceptable(const Message& request, const Capabilities& capabilities) {
    if (request.method() != Method::Invite || request.count(HeaderId::Accept) == 0 ||
        capabilities.content_types.empty()) {
        return kGood;
    }
    const auto ranges = request.get_all<Accept>();
    if (!ranges) {
        return bad_request(ranges.error());
    }
    const bool acceptable = std::any_of(ranges->begin(), ranges->end(), [&](const Accept& range) {
        return std::any_of(capabilities.content_types.begin(), capabilities.content_types.end(),
                           [&](std::string_view type) { return range.covers(type); });
    });
    return acceptable ? kGood : refuse(406, "");
}

// The order in which RFC 3261 8.2 looks, coarse before fine.
constexpr std::array<Check, 10> kChecks = {
    version_is_known,
    size_is_in_limits,
    framing_is_sound,
    headers_are_sound,
    cseq_names_the_method,
    branch_is_whole,
    request_uri_is_ours_to_read,
    extensions_are_known,
    body_is_readable,
    answer_is_acceptable,
};

}  // namespace

std::optional<Refusal> check_request(const Message& request, const Capabilities& capabilities) {
    for (const Check check : kChecks) {
        if (auto verdict = check(request, capabilities)) {
            return verdict;
        }
    }
    return std::nullopt;
}

Result<void> check_response(const Message& response) {
    PB_CHECK(check_version(response));
    if (response.defect()) {
        return tl::unexpected(*response.defect());
    }
    PB_CHECK(check_identity(response));
    PB_TRY(const auto vias, response.get_all<Via>());
    // RFC 3261 8.1.3.3: more than one means that the response was meant for somebody else.
    if (vias.size() != 1) {
        return fail(Errc::Duplicate, header_name(HeaderId::Via));
    }
    return check_syntax_of_all<ContentLength, ContentType, Contact, RecordRoute>(response);
}

}  // namespace patchbay::sip
