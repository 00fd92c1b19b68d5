// SPDX-License-Identifier: Apache-2.0
#include "call/pattern.hpp"

#include "base/ensure.hpp"
#include "call/limits.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::call {
namespace {

re2::StringPiece piece(std::string_view text) {
    return {text.data(), text.size()};
}

re2::RE2::Options options() {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kPatternMemory);
    options.set_encoding(re2::RE2::Options::EncodingLatin1);  // a peer's bytes need not be UTF-8
    return options;
}

}  // namespace

Expected<Pattern, std::string> Pattern::compile(std::string_view expression) {
    auto regex = std::make_shared<const re2::RE2>(piece(expression), options());
    if (!regex->ok()) {
        return tl::unexpected(regex->error());
    }
    return Pattern(std::move(regex));
}

const std::string& Pattern::expression() const {
    return regex_->pattern();
}

bool Pattern::matches(std::string_view text) const {
    return re2::RE2::FullMatch(piece(text), *regex_);
}

std::optional<std::string> Pattern::rewrite(std::string_view text,
                                            std::string_view replacement) const {
    std::array<re2::StringPiece, 10> groups;
    const int count = regex_->NumberOfCapturingGroups() + 1;
    if (!regex_->Match(piece(text), 0, text.size(), re2::RE2::ANCHOR_BOTH, groups.data(),
                       std::min(count, static_cast<int>(groups.size())))) {
        return std::nullopt;
    }
    std::string out;
    const bool written =
        regex_->Rewrite(&out, piece(replacement), groups.data(), static_cast<int>(groups.size()));
    PB_ENSURE(written);  // check_replacement() came first
    return out;
}

Expected<void, std::string> Pattern::check_replacement(std::string_view replacement) const {
    std::string error;
    if (!regex_->CheckRewriteString(piece(replacement), &error)) {
        return tl::unexpected(std::move(error));
    }
    return {};
}

bool operator==(const Pattern& a, const Pattern& b) {
    return a.expression() == b.expression();
}

}  // namespace patchbay::call
