// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <string_view>

namespace patchbay::test {

// What can happen to an engine that hears audio for a provider on the network, as a line that
// begins with `o` (opened), `t` (a text), `c` (closed, with a status), `+` (ten seconds pass) or
// `f` (the end). False: with none of them.
template <class Engine, class Outputs>
bool provider_event(std::string_view line, Engine& engine, Instant& now, Outputs& out) {
    const std::string_view rest = line.substr(1);
    switch (line.front()) {
        case 'o': engine.handle_opened(now, out); return true;
        case 't': engine.handle_text(now, rest, out); return true;
        case 'c':
            engine.handle_closed(
                now, {.why = "gone", .status = rest.empty() ? 0 : 300 + 2 * rest.front()}, out);
            return true;
        case '+':
            now += Seconds(10);
            engine.handle_timeout(now, out);
            return true;
        case 'f': engine.finish(out); return true;
        default: return false;
    }
}

}  // namespace patchbay::test
