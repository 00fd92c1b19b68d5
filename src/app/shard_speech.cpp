// SPDX-License-Identifier: Apache-2.0
// What calls say and understand: synthesis, recognition, and the servers that they talk to.
#include "app/shard_runtime.hpp"
#include "call/synthesis_plan.hpp"
#include "speech/asr/recognizer_feed.hpp"
#include "speech/synthesizer.hpp"

#include <utility>

namespace patchbay::app {
namespace {

speech::SpeechRequest to_request(const call::StartSpeech& effect) {
    // A voice of its list, or the one of a language.
    return {.text = effect.text,
            .speaker = effect.option.speaker.value_or(effect.option.language.value_or("")),
            .speed = effect.option.speed.value(),
            .volume = static_cast<double>(effect.option.volume.value())};
}

// Everything that changes the audio.
std::string cache_key_of(const call::SynthesisPlan& plan) {
    const speech::SynthesisRequest& request = plan.request;
    std::string key(plan.provider->name);
    for (const std::string& part :
         {request.speaker, request.model, request.language, request.emotion, request.endpoint,
          std::to_string(request.speed), std::to_string(request.volume),
          std::to_string(request.sample_rate), speech::escaped_query(request.extra),
          request.text}) {
        key += '\n' + part;
    }
    return key;
}

}  // namespace

CallSockets::Handlers ShardRuntime::socket_handlers() {
    return {
        .opened =
            [this](call::SocketId socket) {
                step([&](call::Effects& out) {
                    exchange_.socket_opened(shard_.now(), socket, out);
                });
            },
        .text =
            [this](call::SocketId socket, std::string_view text) {
                step([&](call::Effects& out) {
                    exchange_.socket_text(shard_.now(), socket, text, out);
                });
            },
        .binary =
            [this](call::SocketId socket, ByteView bytes) {
                step([&](call::Effects& out) {
                    exchange_.socket_binary(shard_.now(), socket, bytes, out);
                });
            },
        .closed =
            [this](call::SocketId socket, const call::SocketClosure& how) {
                step([&](call::Effects& out) {
                    exchange_.socket_closed(shard_.now(), socket, how, out);
                });
            },
    };
}

CloudVoices::Answers ShardRuntime::voice_answers() {
    return {.finished =
                [this](call::PlaybackId playback, const speech::SpeechResult& result) {
                    step([&](call::Effects& out) {
                        exchange_.speech_finished(shard_.now(), playback, result, out);
                    });
                },
            .failed =
                [this](call::PlaybackId playback, const call::PlaybackFailure& failure) {
                    step([&](call::Effects& out) {
                        exchange_.speech_failed(shard_.now(), playback, failure, out);
                    });
                }};
}

void ShardRuntime::perform(call::StartSpeech effect) {
    ++counters_.speech_started;
    auto plan = call::plan_synthesis(effect.option, default_voice_, accounts_);
    if (!plan || plan->provider->is_embedded()) {
        speak_here(std::move(effect));
        return;
    }
    plan->request.text = std::move(effect.text);
    std::string key;
    if (effect.cache_key) {
        key = effect.cache_key->empty() ? cache_key_of(*plan) : "key:" + *effect.cache_key;
    }
    const bool local = is_local(effect.playback.session);
    auto admit = [this, local, trusted = plan->endpoint_is_ours](const SocketAddress& target) {
        return trusted || fetch_.admits(target.ip, local);
    };
    auto source = voices_.start(effect.playback, *plan->provider, plan->request, std::move(key),
                                std::move(admit));
    exchange_.attach_source(shard_.now(), effect.playback, std::move(source), effects_);
}

void ShardRuntime::speak_here(call::StartSpeech effect) {
    const bool espeak = effect.option.provider == "espeak";
    auto& pool = espeak ? services_.espeak : services_.speech;
    auto source =
        pool.speak(to_request(effect),
                   [this, playback = effect.playback](Result<speech::SpeechResult> result) {
                       if (!result) {
                           return;  // the source says so when it is read to its end
                       }
                       (void)shard_.post([this, playback, result = std::move(*result)] {
                           step([&](call::Effects& out) {
                               exchange_.speech_finished(shard_.now(), playback, result, out);
                           });
                       });
                   });
    const Instant now = shard_.now();
    if (source) {
        exchange_.attach_source(now, effect.playback, std::move(*source), effects_);
    } else {
        exchange_.playback_failed(now, effect.playback, source.error(), effects_);
    }
}

void ShardRuntime::perform(const call::OpenRecognizer& effect) {
    const call::SessionKey session = effect.session;
    speech::RecognizerPool::Listener listener{
        .transcript =
            [this, session](const speech::Transcript& transcript) {
                (void)shard_.post([this, session, transcript] {
                    step([&](call::Effects& out) {
                        exchange_.transcribed(shard_.now(), session, transcript, out);
                    });
                });
            },
        .failed =
            [this, session](const Error& error) {
                (void)shard_.post([this, session, error] {
                    step([&](call::Effects& out) {
                        exchange_.recognizer_failed(shard_.now(), session, error, out);
                    });
                });
            }};
    auto feed = services_.recognizer.open(effect.request, std::move(listener));
    const Instant now = shard_.now();
    if (feed) {
        exchange_.recognizer_opened(now, session, std::move(*feed), effects_);
    } else {
        exchange_.recognizer_failed(now, session, feed.error(), effects_);
    }
}

void ShardRuntime::perform(const call::OpenSocket& effect) {
    const bool local = is_local(effect.socket.session);
    sockets_.open(effect, [this, local, trusted = effect.trusted](const SocketAddress& target) {
        return trusted || fetch_.admits(target.ip, local);
    });
}

void ShardRuntime::perform(const call::SendToSocket& effect) {
    sockets_.send(effect.socket, effect.bytes);
}

void ShardRuntime::perform(call::SendTextToSocket effect) {
    sockets_.send_text(effect.socket, std::move(effect.text));
}

void ShardRuntime::perform(const call::CloseSocket& effect) {
    sockets_.close(effect.socket);
}

}  // namespace patchbay::app
