// SPDX-License-Identifier: Apache-2.0
#include "load/report.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace patchbay::bench {

Member::Member(std::string_view name_in, double value)
    : name(name_in), json(fmt::format("{:.3f}", value)) {}

Member::Member(std::string_view name_in, const char* word)
    : name(name_in), json(fmt::format("\"{}\"", word)) {}

void print(std::initializer_list<Member> members) {
    std::string line = "{";
    for (const Member& member : members) {
        line += fmt::format("{}\"{}\":{}", line.size() > 1 ? "," : "", member.name, member.json);
    }
    std::printf("%s}\n", line.c_str());
    std::fflush(stdout);
}

void complain(std::size_t call, std::string_view text) {
    constexpr int kMost = 10;
    static int said = 0;
    if (++said <= kMost) {
        const std::string line = fmt::format("load: call {}: {}\n", call, text);
        std::fputs(line.c_str(), stderr);
    }
}

}  // namespace patchbay::bench
