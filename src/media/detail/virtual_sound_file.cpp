// SPDX-License-Identifier: Apache-2.0
#include "media/detail/virtual_sound_file.hpp"

namespace patchbay::media::detail {

SndfileHandle VirtualSoundFile::open(int mode, SF_INFO& info) {
    SF_VIRTUAL_IO calls{
        .get_filelen =
            [](void* user) {
                return static_cast<sf_count_t>(static_cast<VirtualSoundFile*>(user)->length());
            },
        .seek =
            [](sf_count_t offset, int whence, void* user) {
                return static_cast<VirtualSoundFile*>(user)->seek(offset, whence);
            },
        .read =
            [](void* out, sf_count_t count, void* user) {
                auto& file = *static_cast<VirtualSoundFile*>(user);
                const std::span target(static_cast<std::uint8_t*>(out),
                                       static_cast<std::size_t>(count));
                return file.advance([&] { return file.read_at(file.position_, target); });
            },
        .write =
            [](const void* bytes, sf_count_t count, void* user) {
                auto& file = *static_cast<VirtualSoundFile*>(user);
                const ByteView view(static_cast<const std::uint8_t*>(bytes),
                                    static_cast<std::size_t>(count));
                return file.advance([&] { return file.write_at(file.position_, view); });
            },
        .tell =
            [](void* user) {
                return static_cast<sf_count_t>(static_cast<VirtualSoundFile*>(user)->position_);
            }};
    return SndfileHandle(sf_open_virtual(&calls, mode, &info, this));
}

sf_count_t VirtualSoundFile::seek(sf_count_t offset, int whence) {
    const auto base = static_cast<sf_count_t>(whence == SF_SEEK_SET   ? 0
                                              : whence == SF_SEEK_CUR ? position_
                                                                      : length());
    if (base + offset < 0) {
        return -1;
    }
    position_ = static_cast<std::uint64_t>(base + offset);
    return base + offset;
}

template <class Access>
sf_count_t VirtualSoundFile::advance(Access access) {
    const Result<std::size_t> done = access();
    if (!done) {
        failure_ = done.error();
        return 0;
    }
    position_ += *done;
    return static_cast<sf_count_t>(*done);
}

}  // namespace patchbay::media::detail
