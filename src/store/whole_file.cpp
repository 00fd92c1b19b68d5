// SPDX-License-Identifier: Apache-2.0
#include "store/whole_file.hpp"

#include "base/bytes.hpp"
#include "store/descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

namespace patchbay::store {

std::optional<std::string> read_whole_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return std::nullopt;
    }
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

namespace {

Result<void> write(const std::filesystem::path& path,
                   std::string_view text,
                   Durability durability) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
    if (!file) {
        return fail(Errc::System, "file", errno);
    }
    PB_CHECK(write_all(file, as_bytes(text), 0));
    if (durability == Durability::Machine && ::fsync(file.get()) != 0) {
        return fail(Errc::System, "file", errno);
    }
    return {};
}

}  // namespace

Result<void> write_whole_file(const std::filesystem::path& path,
                              std::string_view text,
                              Durability durability) {
    std::filesystem::path beside = path;
    beside += ".part";
    Result<void> written = write(beside, text, durability);
    if (written && ::rename(beside.c_str(), path.c_str()) != 0) {
        written = fail(Errc::System, "file", errno);
    }
    if (!written) {
        ::unlink(beside.c_str());
    }
    return written;
}

}  // namespace patchbay::store
