// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace patchbay::call {

// A regular expression of the operator's over a number or a name: RE2, whose time is linear in the
// text, so that nothing that a stranger sends can hold a shard up. It must match the whole text.
// Immutable; copies share it, also between shards.
class Pattern {
  public:
    // Or a sentence about what is wrong.
    static Expected<Pattern, std::string> compile(std::string_view expression);

    const std::string& expression() const;
    bool matches(std::string_view text) const;
    // `replacement` with \1 to \9 standing for the groups and \0 for all of `text`; nothing when
    // the text does not match.
    std::optional<std::string> rewrite(std::string_view text, std::string_view replacement) const;
    // Whether rewrite() can use it: a sentence when it names a group that is not there.
    Expected<void, std::string> check_replacement(std::string_view replacement) const;

    friend bool operator==(const Pattern& a, const Pattern& b);

  private:
    explicit Pattern(std::shared_ptr<const re2::RE2> regex) : regex_(std::move(regex)) {}

    // Shared: compiled once, used by the route tables of all shards.
    std::shared_ptr<const re2::RE2> regex_;
};

}  // namespace patchbay::call
