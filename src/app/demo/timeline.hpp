// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "lab/audio_file.hpp"
#include "lab/demo_check.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::app {

// Who says a line of the timeline.
enum class Party : std::uint8_t { Client, Server, Phone };

// Prints the demonstration for a person at a terminal of 100 columns; in colour only there.
class DemoTimeline {
  public:
    DemoTimeline();

    void print_title(std::string_view text) const;
    void print_fact(std::string_view name, std::string_view value) const;
    // Times are counted from the first line on.
    void print_line(WallTime at, Party who, std::string_view text);
    // Both channels of a recording, one line each, over a common axis.
    void print_waveform(std::string_view title,
                        const lab::AudioFile& recording,
                        std::string_view left,
                        std::string_view right) const;
    void print_checks(const std::vector<lab::DemoCheck>& checks) const;
    void print_problem(std::string_view text) const;

  private:
    std::string coloured(std::string_view text, std::string_view code) const;

    bool colour_;
    std::optional<WallTime> began_;
};

}  // namespace patchbay::app
