// SPDX-License-Identifier: Apache-2.0
#include "app/fake_meta.hpp"

#include "app/fake_meta_process.hpp"
#include "net/signals.hpp"

#include <csignal>
#include <cstdio>

namespace patchbay::app {

int run_fake_meta(const FakeMetaOptions& options) {
    net::Shard shard;
    FakeMetaProcess meta(shard, options);
    const net::Signals signals(shard, {SIGINT, SIGTERM}, [&](int) { shard.stop(); });
    if (const auto started = meta.start(); !started) {
        std::fprintf(stderr, "patchbay fake-meta: %s\n", started.error().c_str());
        return 1;
    }
    shard.run();
    return 0;
}

}  // namespace patchbay::app
