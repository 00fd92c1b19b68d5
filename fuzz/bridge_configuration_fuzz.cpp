// SPDX-License-Identifier: Apache-2.0
// Whatever is sent as the configuration of a bridge: what is wrong with it is named, and what has
// nothing wrong can be stored, shown, sent back and put in force.
#include "api/bridge/read_change.hpp"
#include "api/bridge/shapes.hpp"
#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "bridge/plan.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay;
    const api::bridge::ReadChange read = api::bridge::read_change(as_text({data, size}));
    PB_ENSURE(read.is_object || !read.problems.empty());
    const bridge::Settings settings = bridge::changed({}, read.change);
    if (!read.problems.empty() || !bridge::check(settings).empty()) {
        return 0;
    }
    const bridge::Bridges bridges{{"default", settings}};
    const auto stored = api::bridge::read_bridges(api::bridge::write_bridges(bridges));
    PB_ENSURE(stored.has_value() && *stored == bridges);
    const auto shown = api::bridge::read_change(api::bridge::encode_body(settings));
    PB_ENSURE(shown.problems.empty() && bridge::changed(settings, shown.change) == settings);
    (void)bridge::plan_of(bridges);
    return 0;
}
