// SPDX-License-Identifier: Apache-2.0
#include "store/descriptor.hpp"

#include <cerrno>

namespace patchbay::store {

Result<void> write_all(const Descriptor& file, ByteView bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const ssize_t written =
            ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return fail(Errc::System, "recording", errno);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return {};
}

}  // namespace patchbay::store
