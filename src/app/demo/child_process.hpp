// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "net/shard.hpp"

#include <sys/types.h>

#include <string>
#include <thread>
#include <vector>

namespace patchbay::app {

// This program once more, as a process of its own with other arguments. What it prints comes line
// by line as events of a shard; its errors go where ours go. It ends with us: by the destructor
// (SIGTERM, after kPatience SIGKILL), or by the kernel if we die first.
class ChildProcess {
  public:
    // `line`: without its end. Not called after the destructor began.
    static Result<ChildProcess> start(net::Shard& shard,
                                      const std::vector<std::string>& arguments,
                                      UniqueFunction<void(const std::string& line)> line);
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&& other) noexcept;
    ~ChildProcess();

    // Asks it to end and waits; its last lines have been posted when this returns. The exit code,
    // or 128 and the signal's number.
    int stop();

  private:
    ChildProcess(pid_t id, std::thread reader) : id_(id), reader_(std::move(reader)) {}

    pid_t id_ = 0;  // 0: it has ended
    std::thread reader_;
};

}  // namespace patchbay::app
