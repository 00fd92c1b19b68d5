// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/byte_source.hpp"
#include "media/detail/virtual_sound_file.hpp"

#include <memory>
#include <utility>

namespace patchbay::media::detail {

// A ByteSource as libsndfile reads it.
class ReadableSoundFile final : public VirtualSoundFile {
  public:
    explicit ReadableSoundFile(std::unique_ptr<ByteSource> bytes) : bytes_(std::move(bytes)) {}

  private:
    std::uint64_t length() const override { return bytes_->size(); }

    // All that was asked: a source may give less, libsndfile would take that for the end.
    Result<std::size_t> read_at(std::uint64_t position, std::span<std::uint8_t> out) override {
        std::size_t done = 0;
        while (done < out.size()) {
            PB_TRY(const std::size_t piece, bytes_->read_at(position + done, out.subspan(done)));
            if (piece == 0) {
                break;
            }
            done += piece;
        }
        return done;
    }

    Result<std::size_t> write_at(std::uint64_t /*position*/, ByteView /*bytes*/) override {
        return fail(Errc::Unsupported, "writing to a sound file that is read");
    }

    std::unique_ptr<ByteSource> bytes_;
};

}  // namespace patchbay::media::detail
