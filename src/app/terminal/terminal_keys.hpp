// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/unique_function.hpp"
#include "net/shard.hpp"

#include <cstdint>
#include <memory>
#include <thread>

namespace patchbay::app {

// Whether a terminal hands its keys on one by one and unseen, or each line at its Enter.
enum class KeyMode : std::uint8_t { Keys, Lines };

// What is typed at the terminal, as events of a shard, character by character; from a pipe as it
// comes. The terminal is put back when this ends. One thread waits for the keys.
class TerminalKeys {
  public:
    TerminalKeys(net::Shard& shard,
                 UniqueFunction<void(char)> pressed,
                 KeyMode mode = KeyMode::Keys);
    TerminalKeys(const TerminalKeys&) = delete;
    TerminalKeys& operator=(const TerminalKeys&) = delete;
    ~TerminalKeys();

  private:
    class RawMode;

    std::unique_ptr<RawMode> raw_mode_;
    std::jthread reader_;
};

}  // namespace patchbay::app
