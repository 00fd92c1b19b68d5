// SPDX-License-Identifier: Apache-2.0
#include "call/playback_track.hpp"

#include "base/text.hpp"
#include "call/error_code.hpp"

#include <algorithm>

namespace patchbay::call {
namespace {

std::uint32_t count_words(std::string_view text) {
    std::uint32_t words = 0;
    bool inside = false;
    for (const char c : text) {
        words += !is_space(c) && !inside ? 1 : 0;
        inside = !is_space(c);
    }
    return words;
}

Nanoseconds total_of(const PlaybackItem& item) {
    if (item.result) {
        return item.result->duration;
    }
    return item.source ? item.source->total_duration().value_or(Nanoseconds(0)) : Nanoseconds(0);
}

// From the provider's timing.
std::optional<std::uint32_t> timed_position(const speech::SpeechResult& result, Nanoseconds heard) {
    const auto begun =
        std::count_if(result.words.begin(), result.words.end(),
                      [&](const speech::SpokenWord& word) { return word.audio_begin < heard; });
    return begun > 0 ? std::optional(static_cast<std::uint32_t>(begun - 1)) : std::nullopt;
}

// Without timing: as much of the words as of the time.
std::optional<std::uint32_t> estimated_position(std::string_view text,
                                                Nanoseconds heard,
                                                Nanoseconds total) {
    const std::uint32_t words = count_words(text);
    if (words == 0 || total <= Nanoseconds(0) || heard <= Nanoseconds(0)) {
        return std::nullopt;
    }
    const double share = static_cast<double>(heard.count()) / static_cast<double>(total.count());
    return std::min(words - 1, static_cast<std::uint32_t>(share * words));
}

}  // namespace

HeardSpeech heard_of(const PlaybackItem& item) {
    const Nanoseconds heard = item.heard();
    const Nanoseconds total = std::max(heard, total_of(item));
    HeardSpeech out{.current = whole_milliseconds(heard), .total = whole_milliseconds(total)};
    if (item.result && !item.result->words.empty()) {
        out.position = timed_position(*item.result, heard);
    } else if (item.speech() != nullptr) {
        out.position = estimated_position(item.speech()->text, heard, total);
    }
    return out;
}

PlaybackFailure failure_of(const Error& error) {
    return {.why = describe(error), .code = error_code(error.code)};
}

}  // namespace patchbay::call
