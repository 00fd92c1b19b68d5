// SPDX-License-Identifier: Apache-2.0
#include "app/demo/folder.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <system_error>
#include <utility>

namespace patchbay::app {

namespace fs = std::filesystem;

Expected<DemoFolder, std::string> DemoFolder::make(const std::string& keep) {
    std::error_code error;
    if (!keep.empty()) {
        fs::create_directories(keep, error);
        if (error) {
            return tl::unexpected(
                fmt::format("cannot make the folder {}: {}", keep, error.message()));
        }
        return DemoFolder(fs::absolute(keep), true);
    }
    std::string pattern = (fs::temp_directory_path(error) / "patchbay-demo-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        return tl::unexpected(
            std::string("cannot make a temporary folder: --keep DIR names another"));
    }
    return DemoFolder(pattern, false);
}

DemoFolder::DemoFolder(DemoFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), kept_(other.kept_) {}

DemoFolder::~DemoFolder() {
    if (!kept_ && !path_.empty()) {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
}

std::string DemoFolder::data() const {
    return (path_ / "data").string();
}

fs::path DemoFolder::media() const {
    return path_ / "data" / "media";
}

std::string DemoFolder::server_recording(const std::string& name) const {
    return (path_ / "data" / "recordings" / name).string();
}

std::string DemoFolder::phone_recording() const {
    return (path_ / "phone.wav").string();
}

}  // namespace patchbay::app
