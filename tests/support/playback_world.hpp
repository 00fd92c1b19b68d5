// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/text.hpp"
#include "call/limits.hpp"
#include "call/playback.hpp"
#include "media/memory_source.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::call::test {

// A playback with a world that answers every request at once: speech of 100 ms per word, files of
// the length their name says ("500.wav").
class PlaybackWorld : public testing::Test {
  protected:
    // Events in short: "trackStart a", "interruption a", "metrics completed.tts.flite".
    using Story = std::vector<std::string>;

    Step step() {
        return Step{now, WallTime{now.since_epoch().count() / 1'000'000}, names, log, effects};
    }

    void start() {
        Step one = step();
        playback.start(one, 77);
        serve();
    }
    Result<void> say(std::string text, const std::string& play_id = "", bool streaming = false) {
        command::Tts tts{.text = std::move(text)};
        if (!play_id.empty()) {
            tts.play_id = PlayId(play_id);
        }
        tts.streaming = streaming;
        return speak(tts);
    }
    Result<void> speak(const command::Tts& tts) {
        Step one = step();
        const Result<void> done = playback.speak(one, tts, call_option);
        serve();
        return done;
    }
    Result<void> play(std::string url) {
        Step one = step();
        const Result<void> done = playback.play(one, command::Play{.url = std::move(url)});
        serve();
        return done;
    }
    void interrupt(bool graceful = false) {
        Step one = step();
        playback.interrupt(one, command::Interrupt{.graceful = graceful});
        serve();
    }
    // Frames that held sound.
    int run(Milliseconds duration) {
        int sounding = 0;
        for (Milliseconds passed{0}; passed < duration; passed += kFrameTime) {
            Step one = step();
            sounding += playback.read(one, frame) ? 1 : 0;
            serve();
            now += kFrameTime;
        }
        return sounding;
    }

    // Plays the world, and turns events into the story.
    void serve() {
        for (std::size_t i = 0; i < effects.size(); ++i) {
            const Effect effect = std::move(effects[i]);
            if (const auto* speech = std::get_if<StartSpeech>(&effect)) {
                serve_speech(*speech);
            } else if (const auto* file = std::get_if<OpenFile>(&effect)) {
                opened.push_back(file->url);
                const auto length = parse_number<int>(split_once(file->url, '.').first);
                attach(file->playback, Milliseconds(length.value_or(0)));
            } else if (const auto* emitted = std::get_if<EmitEvent>(&effect)) {
                tell(emitted->event);
            }
        }
        effects.clear();
    }
    void serve_speech(const StartSpeech& speech) {
        spoken.push_back(speech.text);
        if (silent_provider) {
            return;
        }
        const auto words = 1 + std::count(speech.text.begin(), speech.text.end(), ' ');
        const Milliseconds length = words * Milliseconds(100);
        attach(speech.playback, length);
        if (!slow_provider) {
            Step one = step();
            playback.finish_speech(one, speech.playback.sequence,
                                   {.duration = length, .words = {}});
        }
    }
    void attach(PlaybackId id, Milliseconds length) {
        playback.attach(id.sequence,
                        std::make_unique<media::MemorySource>(std::vector<std::int16_t>(
                            media::samples_in(length), std::int16_t{1000})));
    }
    void tell(const Event& event) {
        last.insert_or_assign(std::string(name_of(event)), event);
        std::string line(name_of(event));
        const auto add = [&](const std::optional<PlayId>& id) {
            line += id ? " " + id->value() : "";
        };
        if (const auto* start_of = std::get_if<event::TrackStart>(&event)) {
            add(start_of->play_id);
        } else if (const auto* end_of = std::get_if<event::TrackEnd>(&event)) {
            add(end_of->play_id);
        } else if (const auto* cut = std::get_if<event::Interruption>(&event)) {
            add(cut->play_id);
        } else if (const auto* measured = std::get_if<event::Metrics>(&event)) {
            metrics.push_back(measured->key);
            return;
        }
        story.push_back(line);
    }
    template <class E>
    E last_event() {
        return std::get<E>(last.at(std::string(E::kWireTag)));
    }

    Instant now{Seconds(1000)};
    SessionNames names{SessionKey(1), SessionId("s"), TrackId("s"), TrackId("server")};
    TransitionLog log;
    Effects effects;
    SynthesisOption call_option;
    media::Frame frame{};
    Playback playback{"flite"};
    Story story;
    std::vector<std::string> spoken;
    std::vector<std::string> opened;
    std::vector<std::string> metrics;
    std::map<std::string, Event> last;
    bool silent_provider = false;  // takes the text and never delivers
    bool slow_provider = false;    // never says that it has finished
};

}  // namespace patchbay::call::test
