// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "call/audio_timeline.hpp"
#include "call/barge_in.hpp"
#include "call/provider_socket.hpp"
#include "call/recognition_plan.hpp"
#include "call/socket_closure.hpp"
#include "call/step.hpp"
#include "media/frame.hpp"
#include "speech/asr/recognition_stream.hpp"
#include "speech/asr/recognizer_feed.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::call {

// Speech recognition of the caller: his audio goes to a provider, `asrDelta` and `asrFinal` come of
// what it says, and `metrics` of how long that took. A provider on the network is talked to by a
// speech::RecognitionStream through a WebSocket of this call; the embedded one works on threads of
// its own behind a feed. Whatever goes wrong is an `error`, and the call goes on.
//
// An index counts sentences; the deltas of a sentence have the index of its final. Owned by the
// session, on its shard.
class Recognition {
  public:
    struct Heard {
        std::string text;  // of a delta or a final
        bool final = false;
    };

    // `fillers` says which words are none, and outlives this; null: all words are.
    Recognition(RecognitionPlan plan, WallAnchor wall, Random& random, const BargeIn* fillers);

    void start(Step& step);
    // The end of the call: what is known of the sentence in progress is told as its final.
    void stop(Step& step);
    // The next 20 ms, spoken from `begin` on.
    void write(Step& step, Instant begin, const media::Frame& frame);

    // What was told since the last time.
    std::vector<Heard> take_heard() { return std::exchange(heard_, {}); }

    // The embedded recognizer's answers.
    void attach(std::unique_ptr<speech::RecognizerFeed> feed);
    void handle(Step& step, const speech::Transcript& transcript);
    void fail(Step& step, const Error& error);

    // Those of the socket.
    void handle_opened(Step& step, std::uint32_t sequence);
    void handle_text(Step& step, std::uint32_t sequence, std::string_view message);
    void handle_closed(Step& step, std::uint32_t sequence, const SocketClosure& how);
    void handle_timeout(Step& step);
    std::optional<Instant> next_timeout() const;

  private:
    void perform(Step& step);
    void report(Step& step, const std::string& why, int code) const;
    void measure(Step& step, std::string_view what, Instant since) const;
    // An `asrDelta` or `asrFinal`.
    template <class Event>
    Event told(const Step& step, const speech::Transcript& transcript) const;
    void tell_final(Step& step, const speech::Transcript& transcript);
    std::optional<WallTime> spoken_at(std::optional<Nanoseconds> since) const;
    std::optional<bool> filler(const std::string& text) const;

    RecognitionPlan plan_;
    WallAnchor wall_;
    std::unique_ptr<speech::RecognitionStream> stream_;  // of a provider on the network
    speech::StreamOutputs outputs_;                      // of one step; kept for its memory
    ProviderSocket socket_;
    std::unique_ptr<speech::RecognizerFeed> feed_;  // of the embedded one
    const BargeIn* fillers_;
    std::vector<Heard> heard_;
    AudioTimeline timeline_;
    std::uint64_t written_ = 0;  // samples
    std::uint32_t index_ = 0;
    std::optional<Instant> sentence_since_;         // when the first word of a sentence was told
    Instant idle_since_;                            // the sentence before ended, or all began
    std::optional<speech::Transcript> unfinished_;  // the latest delta
};

}  // namespace patchbay::call
