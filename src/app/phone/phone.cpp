// SPDX-License-Identifier: Apache-2.0
#include "app/phone/phone.hpp"

#include "app/phone/process.hpp"
#include "net/signals.hpp"

#include <csignal>
#include <cstdio>

namespace patchbay::app {

int run_phone(const PhoneOptions& options) {
    net::Shard shard;
    PhoneProcess phone(shard, options);
    const net::Signals signals(shard, {SIGINT, SIGTERM}, [&](int) { phone.quit(); });
    if (const auto started = phone.start(); !started) {
        std::fprintf(stderr, "patchbay phone: %s\n", started.error().c_str());
        return 1;
    }
    shard.run();
    return phone.was_answered() ? 0 : 1;
}

}  // namespace patchbay::app
