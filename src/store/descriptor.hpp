// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace patchbay::store {

// A file descriptor that is closed with its owner.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }

    int get() const { return fd_; }
    // Another one of the same file; empty when the process has too many.
    Descriptor duplicate() const { return Descriptor(::fcntl(fd_, F_DUPFD_CLOEXEC, 0)); }
    explicit operator bool() const { return fd_ >= 0; }

  private:
    int fd_ = -1;
};

// All of it, however often the system interrupts; System with errno otherwise.
Result<void> write_all(const Descriptor& file, ByteView bytes, std::uint64_t offset);

}  // namespace patchbay::store
