// SPDX-License-Identifier: Apache-2.0
#include "app/demo/timeline.hpp"

#include "lab/waveform.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace patchbay::app {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kNameColumns = 10;  // in front of a waveform or a fact
constexpr std::size_t kCheckColumns = 66;

// ECMA-48 "select graphic rendition".
constexpr std::string_view kBold = "1";
constexpr std::string_view kGrey = "90";
constexpr std::string_view kRed = "31";
constexpr std::string_view kGreen = "32";
constexpr std::string_view kYellow = "33";
constexpr std::string_view kCyan = "36";

struct Column {
    std::string_view name;
    std::string_view colour;
};

Column column_of(Party who) {
    switch (who) {
        case Party::Client: return {"client", kCyan};
        case Party::Server: return {"server", kGreen};
        case Party::Phone: break;
    }
    return {"phone", kYellow};
}

void print(const std::string& line) {
    std::fputs((line + "\n").c_str(), stdout);
    std::fflush(stdout);
}

}  // namespace

// https://no-color.org
DemoTimeline::DemoTimeline()
    : colour_(::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr) {}

std::string DemoTimeline::coloured(std::string_view text, std::string_view code) const {
    return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

void DemoTimeline::print_title(std::string_view text) const {
    print("\n" + coloured(text, kBold));
}

void DemoTimeline::print_fact(std::string_view name, std::string_view value) const {
    print(fmt::format("  {:<{}}{}", name, kNameColumns, value));
}

void DemoTimeline::print_line(WallTime at, Party who, std::string_view text) {
    if (!began_) {
        began_ = at;
    }
    const auto [name, colour] = column_of(who);
    print(fmt::format("{} ms  {} {}",
                      coloured(fmt::format("{:>7}", at.milliseconds - began_->milliseconds), kGrey),
                      coloured(fmt::format("{:<7}", name), colour), text.substr(0, kColumns - 19)));
}

void DemoTimeline::print_waveform(std::string_view title,
                                  const lab::AudioFile& recording,
                                  std::string_view left,
                                  std::string_view right) const {
    constexpr std::size_t kWide = kColumns - kNameColumns - 2;
    print_title(title);
    const std::string_view names[] = {left, right};
    const std::string_view colours[] = {kYellow, kGreen};
    for (std::size_t i = 0; i < std::min<std::size_t>(recording.channels.size(), 2); ++i) {
        print(fmt::format("  {:<{}}{}", names[i], kNameColumns,
                          coloured(lab::draw_waveform(recording.channels[i], kWide), colours[i])));
    }
    print(fmt::format("  {:<{}}{}", "", kNameColumns,
                      coloured(lab::draw_time_axis(recording.length(), kWide), kGrey)));
}

void DemoTimeline::print_checks(const std::vector<lab::DemoCheck>& checks) const {
    print_title("Checks");
    std::size_t passed = 0;
    for (const lab::DemoCheck& check : checks) {
        passed += check.ok ? 1 : 0;
        print(fmt::format("  {}  {:<{}} {}",
                          check.ok ? coloured("ok    ", kGreen) : coloured("FAILED", kRed),
                          check.name, kCheckColumns, check.measured));
    }
    const std::string sum = fmt::format("{} of {} checks passed", passed, checks.size());
    print("\n" + coloured(sum, passed == checks.size() ? kGreen : kRed));
}

void DemoTimeline::print_problem(std::string_view text) const {
    print(coloured(fmt::format("patchbay demo: {}", text), kRed));
}

}  // namespace patchbay::app
