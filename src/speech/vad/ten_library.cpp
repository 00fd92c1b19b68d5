// SPDX-License-Identifier: Apache-2.0
#include "speech/vad/ten_library.hpp"

#include "base/ensure.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace patchbay::speech {
namespace {

// ten_vad.h 1.0: each returns 0, or -1 for an error.
using Handle = void*;
using Create = int (*)(Handle* handle, std::size_t hop_size, float threshold);
using Process = int (*)(
    Handle handle, const std::int16_t* samples, std::size_t count, float* probability, int* flag);
using Destroy = int (*)(Handle* handle);

// 160 or 256; the shorter one divides our frames.
constexpr std::size_t kHop = 160;
// What the library's own flag goes by, which we do not read.
constexpr float kThreshold = 0.5F;

struct Close {
    void operator()(void* library) const { dlclose(library); }
};

std::string latest_error() {
    const char* const text = dlerror();
    return text != nullptr ? text : "no reason given";
}

class LoadedTen final : public TenLibrary, public std::enable_shared_from_this<LoadedTen> {
  public:
    explicit LoadedTen(std::unique_ptr<void, Close> library) : library_(std::move(library)) {}

    Expected<void, std::string> resolve() {
        PB_TRY(create, find<Create>("ten_vad_create"));
        PB_TRY(process, find<Process>("ten_vad_process"));
        PB_TRY(destroy, find<Destroy>("ten_vad_destroy"));
        return {};
    }
    Result<std::unique_ptr<VoiceDetector>> make_detector() const override;

    Create create = nullptr;
    Process process = nullptr;
    Destroy destroy = nullptr;

  private:
    template <class Function>
    Expected<Function, std::string> find(const char* name) const {
        void* const found = dlsym(library_.get(), name);
        if (found == nullptr) {
            return tl::unexpected("it has no " + std::string(name));
        }
        return reinterpret_cast<Function>(found);
    }

    std::unique_ptr<void, Close> library_;
};

class TenDetector final : public VoiceDetector {
  public:
    TenDetector(std::shared_ptr<const LoadedTen> library, Handle handle)
        : library_(std::move(library)), handle_(handle) {}
    ~TenDetector() override { library_->destroy(&handle_); }

    std::size_t window_samples() const override { return kHop; }

    // What it cannot judge is no voice.
    float judge(std::span<const std::int16_t> window) override {
        PB_ENSURE(window.size() == kHop);
        float probability = 0;
        int flag = 0;
        const int done = library_->process(handle_, window.data(), kHop, &probability, &flag);
        return done == 0 && probability >= 0 ? std::min(probability, 1.0F) : 0.0F;
    }

  private:
    std::shared_ptr<const LoadedTen> library_;  // shared: it stays loaded while anybody uses it
    Handle handle_;
};

Result<std::unique_ptr<VoiceDetector>> LoadedTen::make_detector() const {
    Handle handle = nullptr;
    if (create(&handle, kHop, kThreshold) != 0 || handle == nullptr) {
        return fail(Errc::Unavailable, "ten_vad_create");
    }
    return std::make_unique<TenDetector>(shared_from_this(), handle);
}

}  // namespace

Expected<std::shared_ptr<const TenLibrary>, std::string> TenLibrary::load(const std::string& path) {
    std::unique_ptr<void, Close> library(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL));
    if (!library) {
        return tl::unexpected(latest_error());
    }
    auto loaded = std::make_shared<LoadedTen>(std::move(library));
    PB_CHECK(loaded->resolve());
    return loaded;
}

}  // namespace patchbay::speech
