// SPDX-License-Identifier: Apache-2.0
#include "store/line_file.hpp"

#include "store/descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <utility>

namespace patchbay::store {

Result<void> append_line(const std::filesystem::path& path, std::string_view line) {
    constexpr mode_t kOwnerAndGroup = 0640;
    const Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kOwnerAndGroup));
    if (!file) {
        return fail(Errc::System, "open", errno);
    }
    // In one piece, so that a killed process leaves no line within another.
    const std::string text = std::string(line) + '\n';
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    return written == static_cast<ssize_t>(text.size())
               ? Result<void>()
               : fail(Errc::System, "write", written < 0 ? errno : ENOSPC);
}

std::vector<std::string> last_lines(const std::filesystem::path& path, std::size_t most) {
    std::ifstream file(path, std::ios::binary);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line) && !file.eof();) {
        lines.push_back(std::move(line));
    }
    if (lines.size() > most) {
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(most));
    }
    return lines;
}

}  // namespace patchbay::store
