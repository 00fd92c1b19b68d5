// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "base/time.hpp"
#include "media/frame.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace patchbay::speech {

using ProviderParameters = std::map<std::string, std::string, std::less<>>;

// What a call asks of speech recognition. Empty text is "not said": the provider's default.
struct RecognitionRequest {
    std::string language;  // "en-US"
    std::string model;
    std::string app_id;
    Secret<std::string> secret_id;
    Secret<std::string> secret_key;
    std::string endpoint;  // ws: or wss: URL in place of the provider's own
    ProviderParameters extra;
    int sample_rate = media::kSampleRate;      // of the audio that is sent: 8000 or 16000
    std::optional<std::size_t> message_bytes;  // of audio in one message
};

// What was heard. Times count from the first sample of the stream that it belongs to.
struct Transcript {
    bool final = false;  // false: the sentence so far, which may still change
    std::string text;    // UTF-8
    std::optional<Nanoseconds> begin;
    std::optional<Nanoseconds> end;
    std::optional<double> confidence;  // 0 to 1
    std::string task_id;               // the provider's name for what it did

    friend bool operator==(const Transcript&, const Transcript&) = default;
};

// What went wrong, in words for the application. `code` is the HTTP status whose meaning is
// nearest.
struct RecognitionFault {
    std::string why;
    int code = 500;
    bool over = false;  // nothing more will be recognized

    friend bool operator==(const RecognitionFault&, const RecognitionFault&) = default;
};

}  // namespace patchbay::speech
