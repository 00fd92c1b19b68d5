// SPDX-License-Identifier: Apache-2.0
// The load of bench/run: phones, and API clients that make the server call them.
#include "load/plan.hpp"
#include "load/play_load.hpp"
#include "load/set_up_load.hpp"
#include "net/shard.hpp"

#include <cstdio>
#include <memory>

namespace patchbay::bench {
namespace {

template <class Scenario>
int run(net::Shard& shard, const Plan& plan) {
    Scenario load(shard, plan);
    if (const auto ready = load.start(); !ready) {
        std::fprintf(stderr, "load: %s\n", describe(ready.error()).c_str());
        return 2;
    }
    shard.on_tick([&](const net::Tick& tick) {
        if (!load.tick(tick.now)) {
            shard.stop();
        }
    });
    shard.run();
    return load.succeeded() ? 0 : 1;
}

}  // namespace
}  // namespace patchbay::bench

int main(int argc, char** argv) {
    using namespace patchbay;
    const bench::Plan plan = bench::read_plan(argc, argv);
    net::Shard shard({.tick_interval = Milliseconds(1)});
    const bool set_ups =
        plan.scenario == bench::Scenario::Outgoing || plan.scenario == bench::Scenario::Incoming;
    return set_ups ? bench::run<bench::SetUpLoad>(shard, plan)
                   : bench::run<bench::PlayLoad>(shard, plan);
}
