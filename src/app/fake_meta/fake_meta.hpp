// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/fake_meta/options.hpp"

namespace patchbay::app {

// Runs the double in this thread until `quit`, SIGINT or SIGTERM. 1: it could not start.
int run_fake_meta(const FakeMetaOptions& options);

}  // namespace patchbay::app
