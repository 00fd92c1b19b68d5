// SPDX-License-Identifier: Apache-2.0
#include "app/shard/voice_weights.hpp"

#include "speech/limits.hpp"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace patchbay::app {
namespace {

Result<std::shared_ptr<const speech::SileroNetwork>> load(const std::filesystem::path& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error) {
        return fail(Errc::NotFound, "file");
    }
    if (size > speech::kMaxWeightsFile) {
        return fail(Errc::TooLarge, "file");
    }
    std::ifstream file(path, std::ios::binary);
    const Bytes bytes{std::istreambuf_iterator<char>(file), {}};
    return speech::SileroNetwork::load(bytes);
}

}  // namespace

std::shared_ptr<const speech::SileroNetwork> load_voice_weights(const std::string& folder) {
    const auto path = std::filesystem::path(folder) / "silero_vad_16k_op15.onnx";
    auto network = load(path);
    if (!network) {
        spdlog::info(
            "voice detection: webrtc serves in place of silero ({}: {}; tools/models fetches it)",
            path.string(), describe(network.error()));
        return nullptr;
    }
    spdlog::debug("voice detection: silero with {} arithmetic", (*network)->kernel().name);
    return *std::move(network);
}

std::shared_ptr<const speech::TenLibrary> load_ten_library(const std::string& path) {
    if (path.empty()) {
        return nullptr;
    }
    auto library = speech::TenLibrary::load(path);
    if (!library) {
        spdlog::error(
            "voice detection: the library of ten in [speech] ten_library cannot be used: {}; "
            "silero "
            "serves in its place",
            library.error());
        return nullptr;
    }
    return *std::move(library);
}

}  // namespace patchbay::app
