// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <string>

namespace patchbay::api {

// One line of an event dump.
struct DumpLine {
    std::string type;  // "event", "command"; "dropped" where lines are missing
    WallTime timestamp;
    std::string content;  // the JSON as text; how many lines
};

std::string encode_dump_line(const DumpLine& line);

}  // namespace patchbay::api
