// SPDX-License-Identifier: Apache-2.0
// What calls say and understand: synthesis, recognition, and the servers that they talk to.
#include "app/shard/runtime.hpp"
#include "call/synthesis_plan.hpp"
#include "speech/asr/recognizer_feed.hpp"
#include "speech/synthesizer.hpp"

#include <utility>

namespace patchbay::app {
namespace {

// The voice that speaks where the one that was asked for cannot, and the operator allows it.
constexpr std::string_view kFallbackVoice = "flite";

// The client's, else a digest of everything that changes the audio.
std::string cache_key_of(const call::SynthesisPlan& plan, const std::string& given) {
    if (!given.empty()) {
        return given;
    }
    const speech::SynthesisRequest& request = plan.request;
    std::string all(plan.provider->name);
    for (const std::string& part :
         {request.speaker, request.model, request.language, request.emotion, request.endpoint,
          std::to_string(request.speed), std::to_string(request.volume),
          std::to_string(request.sample_rate), speech::escaped_query(request.extra),
          request.text}) {
        all += '\n' + part;
    }
    return store::SpeechCache::digest(all);
}

speech::SpeechRequest to_speech_request(const speech::SynthesisRequest& request) {
    // A voice of its list, or the one of a language.
    return {.text = request.text,
            .speaker = request.speaker.empty() ? request.language : request.speaker,
            .speed = request.speed,
            .volume = request.volume};
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

CloudVoices::Answers ShardRuntime::answers_to(call::PlaybackId playback) {
    return {.finished =
                [this, playback](const speech::SpeechResult& result) {
                    step([&](call::Effects& out) {
                        exchange_.speech_finished(shard_.now(), playback, result, out);
                    });
                },
            .failed =
                [this, playback](const call::PlaybackFailure& failure) {
                    step([&](call::Effects& out) {
                        exchange_.speech_failed(shard_.now(), playback, failure, out);
                    });
                }};
}

void ShardRuntime::perform(call::StartSpeech effect) {
    ++counters_.speech_started;
    auto plan = call::plan_synthesis(effect.option, default_voice_, accounts_);
    if (!plan) {
        effect.option.provider = kFallbackVoice;
        plan = call::plan_synthesis(effect.option, default_voice_, accounts_);
    }
    plan->request.text = std::move(effect.text);
    std::string key = effect.cache_key ? cache_key_of(*plan, *effect.cache_key) : std::string();
    const bool kept = services_.speech_cache != nullptr && !key.empty() &&
                      services_.speech_cache->size_of(key).has_value();
    if (kept) {
        recall(effect.playback, std::move(*plan), std::move(key));
    } else {
        say(effect.playback, *plan, std::move(key));
    }
}

Result<std::unique_ptr<media::FrameSource>> ShardRuntime::speak(const call::SynthesisPlan& plan,
                                                                std::string cache_key,
                                                                bool client_is_local,
                                                                CloudVoices::Answers answers) {
    if (!plan.provider->is_embedded()) {
        auto admit = [this, client_is_local,
                      trusted = plan.endpoint_is_ours](const SocketAddress& target) {
            return trusted || fetch_.admits(target.ip, client_is_local);
        };
        return voices_.start(*plan.provider, plan.request, std::move(cache_key), std::move(admit),
                             std::move(answers));
    }
    auto& pool = plan.provider->name == "espeak" ? services_.espeak : services_.speech;
    return pool.speak(
        to_speech_request(plan.request),
        [this, answers = std::move(answers)](Result<speech::SpeechResult> result) mutable {
            (void)shard_.post([answers = std::move(answers), result = std::move(result)]() mutable {
                if (result) {
                    answers.finished(*result);
                } else {
                    answers.failed(call::failure_of(result.error()));
                }
            });
        });
}

void ShardRuntime::say(call::PlaybackId playback,
                       const call::SynthesisPlan& plan,
                       std::string cache_key) {
    auto source =
        speak(plan, std::move(cache_key), is_local(playback.session), answers_to(playback));
    const Instant now = shard_.now();
    if (source) {
        exchange_.attach_source(now, playback, std::move(*source), effects_);
    } else {
        exchange_.playback_failed(now, playback, source.error(), effects_);
    }
}

// The disk answers on its own thread. What gave way meanwhile is spoken.
void ShardRuntime::recall(call::PlaybackId playback,
                          call::SynthesisPlan plan,
                          std::string cache_key) {
    services_.speech_cache->find(
        cache_key, [this, playback, plan = std::move(plan),
                    key = cache_key](std::optional<store::SpeechCache::Samples> found) mutable {
            (void)shard_.post([this, playback, plan = std::move(plan), key = std::move(key),
                               found = std::move(found)]() mutable {
                step([&](call::Effects&) {
                    if (found) {
                        play_kept(playback, plan.request.text, *found);
                    } else {
                        say(playback, plan, std::move(key));
                    }
                });
            });
        });
}

void ShardRuntime::play_kept(call::PlaybackId playback,
                             const std::string& text,
                             const store::SpeechCache::Samples& samples) {
    const Nanoseconds length = media::duration_of(samples.size());
    auto [source, feeder] = media::make_ring_source(length + media::kFrameTime);
    (void)feeder.write(samples);  // the ring holds all of it
    feeder.end();
    const Instant now = shard_.now();
    exchange_.attach_source(now, playback, std::move(source), effects_);
    exchange_.speech_finished(
        now, playback,
        {.duration = length, .words = speech::estimate_words(text, length), .cached = true},
        effects_);
}

void ShardRuntime::precache(const api::activecall::PrecacheRequest& request,
                            api::activecall::PrecacheAnswer answer) {
    call::SynthesisOption option = request.tts.option.value_or(call::SynthesisOption{});
    if (request.tts.speaker) {
        option.speaker = request.tts.speaker;
    }
    auto plan = call::plan_synthesis(option, default_voice_, accounts_);
    if (!plan) {
        answer(tl::unexpected(plan.error()));
        return;
    }
    plan->request.text = request.tts.text;
    precache_.ask(
        cache_key_of(*plan, request.tts.cache_key.value_or("")),
        [this, &plan, &request](CloudVoices::Answers answers) {
            return speak(*plan, {}, request.client.is_loopback(), std::move(answers));
        },
        std::move(answer));
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
