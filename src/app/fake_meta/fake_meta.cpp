// SPDX-License-Identifier: Apache-2.0
#include "app/fake_meta/fake_meta.hpp"

#include "app/fake_meta/command.hpp"
#include "app/fake_meta/graph_process.hpp"
#include "app/fake_meta/process.hpp"
#include "net/signals.hpp"

#include <csignal>
#include <cstdio>

namespace patchbay::app {

namespace {

template <class Process>
int run(const FakeMetaOptions& options) {
    net::Shard shard;
    Process meta(shard, options);
    const net::Signals signals(shard, {SIGINT, SIGTERM}, [&](int) { shard.stop(); });
    if (const auto started = meta.start(); !started) {
        std::fprintf(stderr, "patchbay fake-meta: %s\n", started.error().c_str());
        return 1;
    }
    shard.run();
    return 0;
}

}  // namespace

int run_fake_meta(const FakeMetaOptions& options) {
    return options.by_graph ? run<FakeGraphProcess>(options) : run<FakeMetaProcess>(options);
}

void print_note(const lab::meta::Note& note) {
    std::puts(lab::meta::encode_note(note).c_str());
    std::fflush(stdout);
}

}  // namespace patchbay::app
