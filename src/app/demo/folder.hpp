// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace patchbay::app {

// Where everything of one demonstration lies; gone with its owner unless it was named.
class DemoFolder {
  public:
    // `keep` empty: a temporary folder. The error is a sentence for a person.
    static Expected<DemoFolder, std::string> make(const std::string& keep);
    DemoFolder(const DemoFolder&) = delete;
    DemoFolder& operator=(const DemoFolder&) = delete;
    DemoFolder(DemoFolder&& other) noexcept;
    DemoFolder& operator=(DemoFolder&&) = delete;
    ~DemoFolder();

    bool is_kept() const { return kept_; }
    std::string data() const;  // of the server
    std::filesystem::path media() const;
    std::string server_recording(const std::string& name) const;
    std::string phone_recording() const;

  private:
    DemoFolder(std::filesystem::path path, bool kept) : path_(std::move(path)), kept_(kept) {}

    std::filesystem::path path_;
    bool kept_;
};

}  // namespace patchbay::app
