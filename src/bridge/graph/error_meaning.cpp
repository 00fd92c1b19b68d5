// SPDX-License-Identifier: Apache-2.0
#include "bridge/graph/error_meaning.hpp"

#include <algorithm>
#include <array>

namespace patchbay::bridge::graph {
namespace {

constexpr std::array<ErrorMeaning, 30> kMeanings{{
    {4, 503, "too many requests to the Graph API"},
    {10, 503, "the app may not use the calls of this number"},
    {100, 503, "Graph finds a parameter wrong"},
    {102, 503, "the session of the access token is over"},
    {190, 503, "the access token is expired or wrong"},
    {200, 503, "the app may not use the calls of this number"},
    {80007, 503, "the account's rate limit is reached"},
    {130429, 503, "the number's rate limit is reached"},
    {131030, 403, "a test number may call only the numbers on its list"},
    {131044, 503, "the account has no way to pay"},
    {131055, 503, "the number is set to SIP, so the Graph API refuses its calls"},
    {138000, 503, "calls are not enabled for this number"},
    {138001, 404, "the number cannot be called on WhatsApp"},
    {138002, 503, "too many calls at once"},
    {138003, 486, "there is a call with this user already"},
    {138004, 503, "WhatsApp could not make the connection"},
    {138005, 503, "too many calls in a short time"},
    {138006, 403, "the user has not permitted this business to call"},
    {138007, 503, "the session description came too late"},
    {138009, 403, "too many requests for permission to call"},
    {138012, 403, "the limit of connected calls with this user per day is reached"},
    {138013, 403, "WhatsApp permits no calls by businesses in this country"},
    {138014, 403, "calls of this number are paused, because users complained"},
    {138018, 503, "the number has neither a webhook nor SIP for calls"},
    {138019, 503, "the call could not be set up"},
    {138020, 503, "WhatsApp's relay failed"},
    {138021, 408, "WhatsApp received no media in time"},
    {138022, 408, "WhatsApp received no media any more"},
    {138023, 408, "the call was accepted, and no media came"},
    {0, 503, "WhatsApp gave no reason"},
}};

bool is_of_side(int code) {
    constexpr std::array kOfSide{4,      10,     102,    190,    200,   80007,
                                 130429, 131044, 131055, 138000, 138018};
    return std::ranges::find(kOfSide, code) != kOfSide.end();
}

}  // namespace

std::span<const ErrorMeaning> error_meanings() {
    return kMeanings;
}

Trouble trouble_of(const GraphError& error) {
    const auto* found = std::ranges::find(kMeanings, error.code, &ErrorMeaning::code);
    Trouble trouble{.status = 503, .words = {}, .of_side = is_of_side(error.code)};
    if (found != kMeanings.end()) {
        trouble.status = found->status;
        trouble.words = found->words;
    } else {
        trouble.words = error.message.empty() ? "WhatsApp refuses" : error.message;
    }
    if (error.code != 0) {
        trouble.words += " (" + std::to_string(error.code) + ")";
    }
    return trouble;
}

Trouble trouble_of(const ActionOutcome& outcome) {
    if (!outcome) {
        return {.status = 503,
                .words = "the Graph API cannot be reached: " + describe(outcome.error()),
                .of_side = true};
    }
    if (outcome->error) {
        Trouble trouble = trouble_of(*outcome->error);
        trouble.of_side = trouble.of_side || outcome->status == 401 || outcome->status >= 500;
        return trouble;
    }
    return {.status = 503,
            .words = "the Graph API answers " + std::to_string(outcome->status),
            .of_side = true};
}

bool is_worth_repeating(ActionKind kind, const ActionOutcome& outcome) {
    if (!outcome) {
        const Errc code = outcome.error().code;
        const bool was_not_sent = code == Errc::Refused || code == Errc::NotFound;
        return kind == ActionKind::Connect ? was_not_sent : code != Errc::Malformed;
    }
    const bool is_over_rate = outcome->status == 429 || outcome->status == 503;
    return kind == ActionKind::Connect ? is_over_rate : is_over_rate || outcome->status / 100 == 5;
}

}  // namespace patchbay::bridge::graph
