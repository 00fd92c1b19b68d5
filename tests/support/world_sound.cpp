// SPDX-License-Identifier: Apache-2.0
// The media of the world: its voice, its network, and its clients.
#include "media/memory_source.hpp"
#include "media/tone.hpp"
#include "support/world.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace patchbay::test {
namespace {

constexpr Milliseconds kTimePerWord{100};
constexpr Milliseconds kSynthesisTime{20};

}  // namespace

void World::close(call::SessionKey session) {
    exchange_.close_control(now(), session, effects_);
    perform_effects();
}

void World::send_audio(call::SessionKey session, ByteView bytes) {
    exchange_.handle_audio(now(), session, bytes, effects_);
    perform_effects();
}

void World::at_exchange(const ExchangeAction& action) {
    action(exchange_, now(), effects_);
    perform_effects();
}

void World::open_socket(call::SocketId socket) {
    exchange_.socket_opened(now(), socket, effects_);
    perform_effects();
}

void World::send_from_socket(call::SocketId socket, ByteView bytes) {
    exchange_.socket_binary(now(), socket, bytes, effects_);
    perform_effects();
}

void World::close_socket(call::SocketId socket, const call::SocketClosure& how) {
    exchange_.socket_closed(now(), socket, how, effects_);
    perform_effects();
}

std::unique_ptr<media::FrameSource> World::voice(std::size_t words) const {
    const Milliseconds length = static_cast<int>(words) * kTimePerWord;
    if (!options_.marked_words) {
        return std::make_unique<media::ToneSource>(
            media::ToneSpec{.frequency = 300, .length = length});
    }
    std::vector<std::int16_t> samples(media::samples_in(length));
    const std::size_t each = samples.size() / words;
    for (std::size_t word = 0; word < words; ++word) {
        media::ToneGenerator tone({.frequency = marked_frequency(word)});
        tone.generate(std::span(samples).subspan(word * each, each));
    }
    return std::make_unique<media::MemorySource>(std::move(samples));
}

speech::SpeechResult World::spoken(std::size_t words) const {
    speech::SpeechResult result{.duration = static_cast<int>(words) * kTimePerWord, .words = {}};
    for (std::size_t word = 0; options_.marked_words && word < words; ++word) {
        result.words.push_back({.audio_begin = static_cast<int>(word) * kTimePerWord});
    }
    return result;
}

void World::set_media_profile(const NetemProfile& profile) {
    media_.set_profile(profile);
}

void World::inject(const SocketAddress& from, const SocketAddress& to, std::string bytes) {
    deliver({from, to, std::move(bytes)});
}

void World::start_speech(const call::StartSpeech& speech) {
    if (!options_.speech_works) {
        exchange_.playback_failed(now(), speech.playback, {Errc::Unavailable, "voice"}, effects_);
        return;
    }
    const auto words =
        static_cast<std::size_t>(1 + std::count(speech.text.begin(), speech.text.end(), ' '));
    later_.push_back({now() + kSynthesisTime, [this, id = speech.playback, words] {
                          exchange_.attach_source(now(), id, voice(words), effects_);
                          exchange_.speech_finished(now(), id, spoken(words), effects_);
                          perform_effects();
                      }});
}

void World::open_file(const call::OpenFile& file) {
    const auto found = files_.find(file.url);
    if (found == files_.end()) {
        exchange_.playback_failed(now(), file.playback, {Errc::NotFound, "file"}, effects_);
        return;
    }
    exchange_.attach_source(now(), file.playback, found->second(), effects_);
}

}  // namespace patchbay::test
