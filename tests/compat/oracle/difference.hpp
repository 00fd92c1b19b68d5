// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "compat/oracle/oracle.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace patchbay::test {

// A difference that was looked at and is right: the clause decides for us.
struct Decided {
    enum class Kind {
        WeRefuse,  // `what` begins the place of our error
        WeAccept,  // `what` is found in the text, as `applies` says
        WeRead,    // `what` is the part that is read differently
    };
    Kind kind;
    std::string_view what;
    std::string_view clause;
    std::string_view why;
    bool (*applies)(std::string_view text) = nullptr;
};

// Compares readings and collects what nobody has decided yet, so that a run shows all of it at
// once.
class Differences {
  public:
    explicit Differences(std::span<const Decided> decided) : decided_(decided) {}

    void compare(const Oracle& oracle,
                 const std::string& text,
                 const OwnReading& own,
                 const std::optional<Reading>& other) {
        ++compared_;
        if (own.reading.has_value() != other.has_value()) {
            return own.reading ? note(oracle, Decided::Kind::WeAccept, "accept", text)
                               : note(oracle, Decided::Kind::WeRefuse, own.refusal, text);
        }
        if (!other) {
            return;
        }
        for (const auto& [part, value] : *other) {
            const auto found = own.reading->find(part);
            const std::string ours = found == own.reading->end() ? "" : found->second;
            if (ours != value && without_leading_zeros(value) != ours) {
                note(oracle, Decided::Kind::WeRead, part, text,
                     "\n      ours \"" + ours + "\", theirs \"" + value + "\"");
            }
        }
    }

    // Fails with one example of each kind that is not decided.
    void expect_all_decided() const {
        EXPECT_GT(compared_, 0U);
        for (const auto& [kind, seen] : undecided_) {
            ADD_FAILURE() << kind << ", " << seen.count << " times; for one:\n" << seen.example;
        }
    }

  private:
    // "0660" is the number 660 (RFC 3261 25.1, 1*DIGIT), also before a space.
    static std::string without_leading_zeros(const std::string& value) {
        const std::size_t end = std::min(value.find_first_not_of('0'), value.size() - 1);
        return value.find_first_of("0123456789") == 0 ? value.substr(end) : value;
    }

    struct Seen {
        std::size_t count = 0;
        std::string example;
    };

    void note(const Oracle& oracle,
              Decided::Kind kind,
              const std::string& what,
              const std::string& text,
              const std::string& detail = "") {
        for (const Decided& one : decided_) {
            const bool meant = kind == Decided::Kind::WeAccept || what.starts_with(one.what);
            if (one.kind == kind && meant && (one.applies == nullptr || one.applies(text))) {
                return;
            }
        }
        static constexpr std::string_view kWords[] = {"we refuse: ", "we accept", "we read: "};
        std::string key = std::string(oracle.name()) + ": ";
        key += kWords[static_cast<std::size_t>(kind)];
        key += kind == Decided::Kind::WeAccept ? "" : what;
        Seen& seen = undecided_[key];
        ++seen.count;
        if (seen.example.empty() || text.size() < seen.example.size()) {
            seen.example = text + detail;
        }
    }

    std::span<const Decided> decided_;
    std::size_t compared_ = 0;
    std::map<std::string, Seen> undecided_;
};

}  // namespace patchbay::test
