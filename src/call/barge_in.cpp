// SPDX-License-Identifier: Apache-2.0
#include "call/barge_in.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {
namespace {

// A word is what stands between spaces, without the marks around it. Any script.
std::string bare(std::string_view word) {
    constexpr std::string_view kMarks = ".,;:!?\"'()-";
    while (!word.empty() && kMarks.find(word.front()) != std::string_view::npos) {
        word.remove_prefix(1);
    }
    while (!word.empty() && kMarks.find(word.back()) != std::string_view::npos) {
        word.remove_suffix(1);
    }
    return to_lower(word);
}

}  // namespace

BargeIn::BargeIn(const BargeInOption& option)
    : least_duration_(option.min_duration.value()),
      least_words_(option.min_words.value()),
      fade_(option.fade_out.value_or(Milliseconds(0))) {
    const std::string mode = to_lower(option.mode.value_or("vad"));
    if (mode == "vad") {
        mode_ = Mode::Voice;
    } else if (mode == "asr") {
        mode_ = Mode::Words;
    }
    for (const std::string& filler : option.fillers) {
        fillers_.push_back(to_lower(trim(filler)));
    }
}

void BargeIn::speech_began(Instant at) {
    speech_since_ = at;
}

bool BargeIn::speech_is_due(Instant now) {
    if (mode_ != Mode::Voice || !speech_since_ || now - *speech_since_ < least_duration_) {
        return false;
    }
    speech_since_.reset();
    return true;
}

bool BargeIn::words_are_due(std::string_view text) const {
    return mode_ == Mode::Words && words_that_count(text) >= std::max<std::size_t>(least_words_, 1);
}

bool BargeIn::is_filler(std::string_view text) const {
    return !fillers_.empty() && !trim(text).empty() && words_that_count(text) == 0;
}

std::size_t BargeIn::words_that_count(std::string_view text) const {
    std::size_t count = 0;
    std::string_view rest = trim(text);
    while (!rest.empty()) {
        const auto [word, after] = split_once(rest, ' ');
        const std::string one = bare(word);
        count += !one.empty() && std::ranges::count(fillers_, one) == 0 ? 1 : 0;
        rest = trim(after);
    }
    return count;
}

}  // namespace patchbay::call
