// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

namespace patchbay::bench {

// A scenario under way. It prints one JSON object per line when something is to be measured and
// when it has been; whoever started the program measures the server in between.
class Load {
  public:
    Load() = default;
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    virtual ~Load() = default;

    // Every millisecond. False when all is done.
    virtual bool tick(Instant now) = 0;
    // After the end: whether all calls went as they should.
    virtual bool succeeded() const = 0;
};

}  // namespace patchbay::bench
