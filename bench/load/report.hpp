// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace patchbay::bench {

// One member of a report, its value as JSON text.
struct Member {
    template <std::integral Number>
    Member(std::string_view name_in, Number value) : name(name_in), json(std::to_string(value)) {}
    Member(std::string_view name_in, double value);
    Member(std::string_view name_in, const char* word);

    std::string_view name;
    std::string json;
};

// One JSON object as a line on standard output, at once.
void print(std::initializer_list<Member> members);
// A line on standard error about one call; the first few of a run.
void complain(std::size_t call, std::string_view text);

inline double seconds(Nanoseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace patchbay::bench
