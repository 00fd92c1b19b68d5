// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <sndfile.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace patchbay::media::detail {

struct CloseSndfile {
    void operator()(SNDFILE* file) const { sf_close(file); }
};
using SndfileHandle = std::unique_ptr<SNDFILE, CloseSndfile>;

// Bytes that libsndfile takes for a file: a position in them, and why the last access failed, which
// libsndfile has no way to say. Must outlive the handle.
class VirtualSoundFile {
  public:
    VirtualSoundFile() = default;
    VirtualSoundFile(const VirtualSoundFile&) = delete;
    VirtualSoundFile& operator=(const VirtualSoundFile&) = delete;
    virtual ~VirtualSoundFile() = default;

    // `mode`: SFM_READ or SFM_WRITE. Null when libsndfile refuses; failure() may say why.
    SndfileHandle open(int mode, SF_INFO& info);
    const std::optional<Error>& failure() const { return failure_; }

  private:
    virtual std::uint64_t length() const = 0;
    // Bytes read or written; libsndfile takes fewer than asked for an end.
    virtual Result<std::size_t> read_at(std::uint64_t position, std::span<std::uint8_t> out) = 0;
    virtual Result<std::size_t> write_at(std::uint64_t position, ByteView bytes) = 0;

    sf_count_t seek(sf_count_t offset, int whence);
    template <class Access>
    sf_count_t advance(Access access);

    std::uint64_t position_ = 0;
    std::optional<Error> failure_;
};

}  // namespace patchbay::media::detail
