// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "call/playback_track.hpp"
#include "media/frame.hpp"
#include "media/ring_source.hpp"
#include "net/http_pool.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"
#include "net/web_socket.hpp"
#include "speech/synthesizer.hpp"
#include "speech/tts/speech_protocol.hpp"
#include "speech/tts/utterance.hpp"
#include "store/speech_cache.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::app {

// What providers on the network are speaking for the calls of one shard: each text has a
// connection, an Utterance that knows what to say on it, and a ring that play-out reads. It decides
// nothing. Connections to providers by HTTP stay open for the next text. Destroying the source that
// start() returns ends the connection, within a tick. Belongs to its shard.
class CloudVoices {
  public:
    // One of them is called, unless the source was destroyed before.
    struct Answers {
        UniqueFunction<void(const speech::SpeechResult&)> finished;
        UniqueFunction<void(const call::PlaybackFailure&)> failed;
    };
    // Whether an address may be connected to.
    using Admit = UniqueFunction<bool(const SocketAddress&)>;

    // `cache` may be null.
    CloudVoices(net::Shard& shard, Random& random, WallAnchor wall, store::SpeechCache* cache)
        : shard_(shard), random_(random), wall_(wall), cache_(cache), pool_(shard) {}

    // `cache_key`: under what the speech is kept; empty: not at all.
    std::unique_ptr<media::FrameSource> start(const speech::SpeechProvider& provider,
                                              const speech::SynthesisRequest& request,
                                              std::string cache_key,
                                              Admit admit,
                                              Answers answers);
    // Ends what nobody listens to any more and what has stalled; every tick.
    void look(Instant now);

    std::size_t size() const { return speaking_.size(); }

  private:
    struct Speaking {
        Speaking(speech::Utterance spoken_by, media::RingFeeder ring, Answers answered_by)
            : utterance(std::move(spoken_by)),
              feeder(std::move(ring)),
              answers(std::move(answered_by)) {}

        speech::Utterance utterance;
        media::RingFeeder feeder;
        Answers answers;
        net::Operation operation;  // a connect, or an HTTP request
        std::optional<net::WebSocket> socket;
        std::string cache_key;
        std::vector<std::int16_t> spoken;  // what is to be kept
        int status = 200;                  // of the HTTP answer
        std::string refusal;               // body of one that is no 200, as far as it is looked at
        bool over = false;
    };
    using Key = std::uint64_t;

    void request(Key key, speech::SpeechTarget target, Admit admit);
    void connect(Key key, speech::SpeechTarget target, Admit admit);
    void connected(Key key, net::WebSocket socket);
    template <class Input>
    void step(Key key, Input input);
    void perform(Speaking& one, speech::UtteranceOutputs& outputs);

    net::Shard& shard_;
    Random& random_;
    WallAnchor wall_;
    store::SpeechCache* cache_;
    net::HttpPool pool_;
    std::map<Key, std::unique_ptr<Speaking>> speaking_;
    Key last_ = 0;
};

}  // namespace patchbay::app
