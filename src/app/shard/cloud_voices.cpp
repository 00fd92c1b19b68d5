// SPDX-License-Identifier: Apache-2.0
#include "app/shard/cloud_voices.hpp"

#include "app/limits.hpp"
#include "base/overloaded.hpp"
#include "call/error_code.hpp"
#include "call/socket_closure.hpp"
#include "net/http_download.hpp"

#include <utility>

namespace patchbay::app {
namespace {

constexpr int kStatusOk = 200;

// All of a text fits its ring: the slowest voice says a character in less than this.
Nanoseconds room_for(std::string_view text) {
    constexpr Milliseconds kPerCharacter{600};
    return Seconds(5) + kPerCharacter * static_cast<std::int64_t>(text.size());
}

net::HttpFields to_fields(const std::vector<std::pair<std::string, std::string>>& fields) {
    net::HttpFields out;
    for (const auto& [name, value] : fields) {
        out.add(name, value);
    }
    return out;
}

}  // namespace

std::unique_ptr<media::FrameSource> CloudVoices::start(const speech::SpeechProvider& provider,
                                                       const speech::SynthesisRequest& request_in,
                                                       std::string cache_key,
                                                       Admit admit,
                                                       Answers answers) {
    auto [source, feeder] = media::make_ring_source(room_for(request_in.text));
    const Key key = ++last_;
    auto& one = speaking_[key];
    one = std::make_unique<Speaking>(speech::Utterance(provider.make(request_in), request_in),
                                     std::move(feeder), std::move(answers));
    one->cache_key = cache_ != nullptr ? std::move(cache_key) : std::string();
    const Instant now = shard_.now();
    speech::SpeechTarget target = one->utterance.connect(now, wall_.at(now), random_);
    if (target.is_web_socket()) {
        connect(key, std::move(target), std::move(admit));
    } else {
        request(key, std::move(target), std::move(admit));
    }
    return std::move(source);
}

// Every input of one text goes through here. What is over is taken down in the next look(): this
// may run inside a handler of its own connection.
template <class Input>
void CloudVoices::step(Key key, Input input) {
    const auto found = speaking_.find(key);
    if (found == speaking_.end() || found->second->over) {
        return;
    }
    speech::UtteranceOutputs outputs;
    input(*found->second, outputs);
    perform(*found->second, outputs);
}

void CloudVoices::request(Key key, speech::SpeechTarget target, Admit admit) {
    net::HttpDownload download;
    download.url = std::move(target.url);
    download.method = net::HttpMethod::Post;
    download.fields = to_fields(target.fields);
    download.body = std::move(target.body);
    download.admit = std::move(admit);
    speaking_[key]->operation = pool_.download(
        std::move(download),
        {.head = [this, key](const net::HttpResponse& head) -> Result<void> {
             step(key, [&](Speaking& one, speech::UtteranceOutputs&) { one.status = head.status; });
             return {};
         },
         .piece =
             [this, key](ByteView piece) {
                 step(key, [&](Speaking& one, speech::UtteranceOutputs& out) {
                     if (one.status == kStatusOk) {
                         one.utterance.handle_bytes(shard_.now(), piece, out);
                     } else if (one.refusal.size() < kVoiceRefusal) {
                         one.refusal += as_text(piece);
                     }
                 });
             },
         .done =
             [this, key](const Result<void>& result) {
                 step(key, [&](Speaking& one, speech::UtteranceOutputs& out) {
                     if (one.status != kStatusOk) {
                         one.utterance.handle_status(one.status, one.refusal, out);
                     } else if (result) {
                         one.utterance.handle_end(out);
                     } else {
                         one.utterance.handle_closed(describe(result.error()),
                                                     call::error_code(result.error().code), out);
                     }
                 });
             }});
}

void CloudVoices::connect(Key key, speech::SpeechTarget target, Admit admit) {
    net::WebSocketConnect connect;
    connect.url = std::move(target.url);
    connect.fields = to_fields(target.fields);
    connect.admit = std::move(admit);
    speaking_[key]->operation = net::connect_web_socket(
        shard_, std::move(connect),
        [this, key](tl::expected<net::WebSocket, net::WebSocketRefusal> outcome) {
            if (outcome) {
                connected(key, std::move(*outcome));
                return;
            }
            step(key, [&](Speaking& one, speech::UtteranceOutputs& out) {
                const net::WebSocketRefusal& refusal = outcome.error();
                if (refusal.response) {
                    one.utterance.handle_status(refusal.response->status, refusal.response->body,
                                                out);
                } else {
                    one.utterance.handle_closed(describe(refusal.error),
                                                call::error_code(refusal.error.code), out);
                }
            });
        });
}

void CloudVoices::connected(Key key, net::WebSocket socket) {
    step(key, [&](Speaking& one, speech::UtteranceOutputs& out) {
        one.socket.emplace(std::move(socket));
        one.utterance.handle_opened(shard_.now(), out);
        one.socket->start(
            {.text =
                 [this, key](Instant now, std::string_view text) {
                     step(key, [&](Speaking& same, speech::UtteranceOutputs& more) {
                         same.utterance.handle_text(now, text, more);
                     });
                 },
             .binary =
                 [this, key](Instant now, ByteView bytes) {
                     step(key, [&](Speaking& same, speech::UtteranceOutputs& more) {
                         same.utterance.handle_bytes(now, bytes, more);
                     });
                 },
             .pong = {},
             .closed =
                 [this, key](Instant, const net::WebSocketClosed& how) {
                     step(key, [&](Speaking& same, speech::UtteranceOutputs& more) {
                         const call::SocketClosure closure{
                             .error = std::nullopt, .code = how.code, .reason = how.reason};
                         same.utterance.handle_closed(call::explain(closure), 503, more);
                     });
                 }});
    });
}

void CloudVoices::perform(Speaking& one, speech::UtteranceOutputs& outputs) {
    for (speech::UtteranceOutput& output : outputs) {
        std::visit(Overloaded{
                       [&](speech::SendSpeechText& send) {
                           if (one.socket) {
                               one.socket->send_text(std::move(send.text));
                           }
                       },
                       // What no longer fits is more than the text can be: a server that floods.
                       [&](const speech::SpeechSamples& samples) {
                           (void)one.feeder.write(samples.samples);
                           if (!one.cache_key.empty()) {
                               one.spoken.insert(one.spoken.end(), samples.samples.begin(),
                                                 samples.samples.end());
                           }
                       },
                       [&](const speech::SpeechFinished& finished) {
                           one.over = true;
                           one.answers.finished(finished.result);
                           one.feeder.end();
                           if (!one.cache_key.empty()) {
                               cache_->keep(one.cache_key, std::move(one.spoken));
                           }
                       },
                       [&](speech::SpeechFailed& failed) {
                           one.over = true;
                           one.answers.failed({std::move(failed.why), failed.code});
                           one.feeder.end();
                       },
                   },
                   output);
    }
}

void CloudVoices::look(Instant now) {
    for (auto one = speaking_.begin(); one != speaking_.end();) {
        Speaking& speaking = *one->second;
        if (!speaking.over && !speaking.feeder.canceled() &&
            speaking.utterance.next_timeout() <= now) {
            step(one->first, [&](Speaking& same, speech::UtteranceOutputs& out) {
                same.utterance.handle_timeout(now, out);
            });
        }
        if (speaking.over || speaking.feeder.canceled()) {
            one = speaking_.erase(one);
        } else {
            ++one;
        }
    }
}

}  // namespace patchbay::app
