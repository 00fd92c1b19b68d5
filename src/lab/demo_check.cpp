// SPDX-License-Identifier: Apache-2.0
#include "lab/demo_check.hpp"

#include "lab/passage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace patchbay::lab {
namespace {

// A packet or two at each end, and the block that passages are measured in.
constexpr Milliseconds kLengthTolerance{60};
// The MP3 begins with the encoder's own delay, and is cut by hand.
constexpr Milliseconds kCutTolerance{150};
constexpr double kLevelTolerance = 1.5;       // dB
constexpr double kFrequencyTolerance = 0.02;  // of the frequency
constexpr double kQuietestSpeech = -35;       // dBFS
constexpr Milliseconds kSilenceAfterInterrupt{40};

using Passages = std::vector<Passage>;

Passages passages_of(const AudioFile& file, std::size_t channel) {
    return channel < file.channels.size() ? find_passages(file.channels[channel], file.sample_rate)
                                          : Passages();
}

const Passage* find_tone(const Passages& passages, int frequency) {
    const auto found = std::ranges::find_if(passages, [&](const Passage& passage) {
        return passage.frequency &&
               std::abs(*passage.frequency - frequency) < kFrequencyTolerance * frequency;
    });
    return found == passages.end() ? nullptr : &*found;
}

// Everything that is no tone, from the first word to the last, with the pauses between sentences.
std::optional<Passage> find_speech(const Passages& passages) {
    std::optional<Passage> speech;
    for (const Passage& passage : passages) {
        if (passage.frequency) {
            continue;
        }
        if (!speech) {
            speech = passage;
        }
        speech->to = passage.to;
        speech->level = std::max(speech->level, passage.level);
    }
    return speech;
}

std::string measured(const Passage* passage) {
    return passage == nullptr
               ? "not there"
               : fmt::format("{} ms, {:.1f} dBFS", passage->length().count(), passage->level);
}

DemoCheck check_tone(std::string name,
                     const Passages& passages,
                     const DemoTone& tone,
                     Milliseconds length,
                     Milliseconds tolerance) {
    const Passage* passage = find_tone(passages, tone.frequency);
    const bool ok = passage != nullptr &&
                    std::chrono::abs(passage->length() - length) <= tolerance &&
                    std::abs(passage->level - DemoTone::kLevel) <= kLevelTolerance;
    return {std::move(name), ok, measured(passage)};
}

// `spoken` is what the server says it took; a voice is silent at the ends of its sentences.
DemoCheck check_speech(std::string name,
                       const Passages& passages,
                       std::optional<Milliseconds> spoken) {
    const std::optional<Passage> speech = find_speech(passages);
    const bool ok = speech && spoken && speech->level >= kQuietestSpeech &&
                    speech->length() >= *spoken * 7 / 10 &&
                    speech->length() <= *spoken + kLengthTolerance;
    return {std::move(name), ok, measured(speech ? &*speech : nullptr)};
}

// What `passages` hold that is neither of these tones nor, if there may be some, speech.
DemoCheck check_nothing_else(std::string name,
                             const Passages& passages,
                             std::initializer_list<int> tones,
                             bool speech) {
    std::string foreign;
    for (const Passage& passage : passages) {
        const bool known =
            passage.frequency
                ? std::ranges::any_of(
                      tones, [&](int tone) { return find_tone({passage}, tone) != nullptr; })
                : speech;
        if (!known) {
            foreign += (foreign.empty() ? "" : "; ") + describe(passage);
        }
    }
    return {std::move(name), foreign.empty(), foreign.empty() ? "clean" : foreign};
}

DemoCheck check_answer(const DemoEvidence& evidence) {
    const auto& [ringing, answered] = std::pair(evidence.client.ringing, evidence.client.answered);
    if (!ringing || !answered) {
        return {"the phone rings, then answers", false, ringing ? "no answer" : "no ringing"};
    }
    const Milliseconds between = whole_milliseconds(*answered - *ringing);
    return {"the phone rings, then answers", between > Milliseconds(0),
            fmt::format("{} ms later", between.count())};
}

std::optional<WallTime> last_sound(const DemoEvidence& evidence, WallTime from) {
    for (const PhoneNote& note : evidence.phone) {
        const auto* stopped = std::get_if<note::SoundStopped>(&note);
        if (stopped != nullptr && stopped->timestamp >= from) {
            return stopped->timestamp;
        }
    }
    return std::nullopt;
}

// From the command to the last packet with sound that reached the phone.
DemoCheck check_interrupt(const DemoEvidence& evidence) {
    const std::string name = fmt::format("silence on the wire within {} ms of the interrupt",
                                         kSilenceAfterInterrupt.count());
    if (!evidence.client.interrupted) {
        return {name, false, "no interrupt"};
    }
    const WallTime interrupted = evidence.clock.at(*evidence.client.interrupted);
    // The last packet may have come within the millisecond before.
    const auto last = last_sound(evidence, WallTime{interrupted.milliseconds - 20});
    if (!last) {
        return {name, false, "the sound never stopped"};
    }
    const std::int64_t after =
        std::max<std::int64_t>(last->milliseconds - interrupted.milliseconds, 0);
    return {name, after <= kSilenceAfterInterrupt.count(), fmt::format("{} ms", after)};
}

const note::Ended* end_of(const DemoEvidence& evidence) {
    for (const PhoneNote& note : evidence.phone) {
        if (const auto* ended = std::get_if<note::Ended>(&note)) {
            return ended;
        }
    }
    return nullptr;
}

void check_end(const DemoEvidence& evidence, std::vector<DemoCheck>& checks) {
    const note::Ended* ended = end_of(evidence);
    checks.push_back({"the client hangs up, and the phone hears of it",
                      evidence.client.hangup && ended != nullptr && ended->by_far_end,
                      evidence.client.hangup ? evidence.client.hangup->reason.value_or("no reason")
                                             : "no hangup event"});
    checks.push_back(
        {"no packet to the phone is lost", ended != nullptr && ended->packets_lost == 0,
         ended == nullptr ? "no report"
                          : fmt::format("{} of {}", ended->packets_lost,
                                        ended->packets_received + ended->packets_lost)});
    const auto& errors = evidence.client.errors;
    checks.push_back({"no error event", errors.empty(), errors.empty() ? "none" : errors.front()});
}

}  // namespace

std::vector<DemoCheck> check_demo(const DemoScript& script, const DemoEvidence& evidence) {
    const Passages heard = passages_of(evidence.phone_recording, 0);
    const Passages left = passages_of(evidence.server_recording, 0);
    const Passages right = passages_of(evidence.server_recording, 1);
    const auto tone_name = [](std::string_view who, const DemoTone& tone, Milliseconds length) {
        return fmt::format("{} {} Hz for {} ms", who, tone.frequency, length.count());
    };

    std::vector<DemoCheck> checks;
    checks.push_back(check_answer(evidence));
    checks.push_back({fmt::format("the client gets the keys {} once each", script.keys),
                      evidence.client.digits == script.keys, evidence.client.digits});
    checks.push_back(check_speech("the phone hears the sentence", heard, evidence.client.speech));
    checks.push_back(
        check_tone(tone_name("the phone hears the WAV file:", script.wav, script.wav.length), heard,
                   script.wav, script.wav.length, kLengthTolerance));
    checks.push_back(check_tone(
        tone_name("the phone hears half of the MP3 file:", script.mp3, script.interrupt_after),
        heard, script.mp3, script.interrupt_after, kCutTolerance));
    checks.push_back(check_interrupt(evidence));
    checks.push_back(
        check_tone(tone_name("the recording's left channel has the phone:", script.phone_tone,
                             script.phone_tone.length),
                   left, script.phone_tone, script.phone_tone.length, kLengthTolerance));
    checks.push_back(check_nothing_else("and nothing of the server", left,
                                        {script.phone_tone.frequency}, false));
    checks.push_back(check_speech("the recording's right channel has the sentence", right,
                                  evidence.client.speech));
    checks.push_back(check_tone(tone_name("and the WAV file:", script.wav, script.wav.length),
                                right, script.wav, script.wav.length, kLengthTolerance));
    checks.push_back(
        check_tone(tone_name("and half of the MP3 file:", script.mp3, script.interrupt_after),
                   right, script.mp3, script.interrupt_after, kCutTolerance));
    checks.push_back(check_nothing_else("and nothing of the phone", right,
                                        {script.wav.frequency, script.mp3.frequency}, true));
    check_end(evidence, checks);
    return checks;
}

}  // namespace patchbay::lab
