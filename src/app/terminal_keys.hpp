// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/unique_function.hpp"
#include "net/shard.hpp"

#include <memory>
#include <thread>

namespace patchbay::app {

// Keys typed at the terminal, one by one and without Enter, as events of a shard; from a pipe as
// they come. The terminal is put back when this ends. One thread waits for the keys.
class TerminalKeys {
  public:
    TerminalKeys(net::Shard& shard, UniqueFunction<void(char)> pressed);
    TerminalKeys(const TerminalKeys&) = delete;
    TerminalKeys& operator=(const TerminalKeys&) = delete;
    ~TerminalKeys();

  private:
    class RawMode;

    std::unique_ptr<RawMode> raw_mode_;
    std::jthread reader_;
};

}  // namespace patchbay::app
