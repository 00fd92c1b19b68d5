// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "speech/vad/voice_detector.hpp"

#include <memory>
#include <string>

namespace patchbay::speech {

// The official library of TEN VAD, which the operator has put on this machine: it is loaded at run
// time and neither shipped nor linked, because its licence has conditions of its own. 16 kHz, one
// detector for each stream, any thread.
class TenLibrary {
  public:
    // In words why it cannot be used: it does not load, or lacks a function.
    static Expected<std::shared_ptr<const TenLibrary>, std::string> load(const std::string& path);

    virtual ~TenLibrary() = default;
    TenLibrary(const TenLibrary&) = delete;
    TenLibrary& operator=(const TenLibrary&) = delete;

    // Windows of 10 ms. The detector keeps the library loaded. Unavailable: the library makes none.
    virtual Result<std::unique_ptr<VoiceDetector>> make_detector() const = 0;

  protected:
    TenLibrary() = default;
};

}  // namespace patchbay::speech
