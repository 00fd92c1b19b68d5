// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/boxed.hpp"
#include "base/result.hpp"
#include "call/command.hpp"
#include "call/playback_track.hpp"
#include "call/step.hpp"
#include "media/frame.hpp"
#include "media/mix.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace patchbay::call {

// What follows from a playback that ran to its end.
struct PlaybackFinish {
    bool auto_hangup = false;
    std::optional<Milliseconds> wait_input;
    bool failed = false;  // at least one thing could not be played
};

// Everything that the server plays into one call, one thing at a time. A queue of tracks, of which
// the first sounds:
//
//   tts, same playId     joins the track of that playId: one trackStart, one trackEnd
//   play, same playId    queues behind it as a track of its own
//   another playId       cuts what plays and drops what waits
//
// Order of events: old `interruption` (speech only), old `trackEnd`, new `trackStart`. Before the
// call is answered everything queues, and speech is synthesised ahead; start() lets it sound.
//
// It knows no RTP: the session pulls a frame per tick. Owned by the session, on its shard.
class Playback {
  public:
    // `provider`: the word in `metrics` keys of the engine that speaks.
    explicit Playback(std::string provider) : provider_(std::move(provider)) {}

    // Commands. A failure changed nothing: TooLarge (text, queue), Malformed (base64).
    Result<void> speak(Step& step, const command::Tts& tts, const SynthesisOption& call_option);
    Result<void> play(Step& step, const command::Play& play);
    void play_sound(Step& step, std::unique_ptr<media::FrameSource> source, bool auto_hangup);
    void interrupt(Step& step, const command::Interrupt& interrupt);
    // Ends what plays, if it is the file of this playId.
    void stop_file(Step& step, const PlayId& play_id);
    // WrongState: nothing plays.
    Result<void> pause();
    Result<void> resume();

    // The call is answered; `ssrc` is what trackEnd reports.
    void start(Step& step, std::uint32_t ssrc);
    // The call ends: trackEnd of what plays, and no further events.
    void stop(Step& step);

    // Every 20 ms: the next frame, silence when there is none. True when it holds sound.
    bool read(Step& step, media::Frame& out);
    // At most once per playback that ran to its end with nothing behind it.
    std::optional<PlaybackFinish> take_finish() { return std::exchange(finish_, std::nullopt); }
    bool is_playing() const { return !held_ && !tracks_.empty(); }

    // Answers of the world. A sequence that is gone is ignored.
    void attach(std::uint32_t sequence, std::unique_ptr<media::FrameSource> source);
    void give_up(Step& step, std::uint32_t sequence, const PlaybackFailure& failure);
    void finish_speech(Step& step, std::uint32_t sequence, const speech::SpeechResult& result);

  private:
    // playback_queue.cpp: what a command does to the queue
    PlaybackTrack* joinable(PlaybackTrack::Kind kind, const std::optional<PlayId>& play_id);
    PlaybackTrack& track_for(Step& step,
                             PlaybackTrack::Kind kind,
                             const std::optional<PlayId>& play_id);
    void add_item(PlaybackTrack& track, PlaybackItem::Content content);
    void add_text(PlaybackTrack& track, const command::Tts& tts, const SynthesisOption& option);
    void add_sentences(PlaybackTrack& track, const SynthesisOption& option);
    Result<void> check_room() const;
    void cut(Step& step, Nanoseconds fade = Nanoseconds(0));
    void wind_down();

    // playback.cpp: what time and answers do
    void settle(Step& step);
    void request_ahead(Step& step);
    void request(Step& step, PlaybackItem& item);
    void begin(Step& step, PlaybackTrack& track);
    void end(Step& step);
    bool read_front(Step& step, media::Frame& out);
    bool starve(Step& step, PlaybackItem& item);
    void finish_item(Step& step);
    void drop_failed(Step& step,
                     PlaybackTrack& track,
                     std::size_t index,
                     const PlaybackFailure& failure);
    PlaybackItem* find(std::uint32_t sequence);
    void add_fading(media::Frame& out);

    // playback_report.cpp: the events
    void report_end(Step& step, const PlaybackTrack& track) const;
    void report_interruption(Step& step, const PlaybackTrack& track) const;
    void report_first_audio(Step& step, const PlaybackTrack& track, PlaybackItem& item) const;
    void report_completed(Step& step, const PlaybackTrack& track, const PlaybackItem& item) const;
    void report_failure(Step& step, const PlaybackItem& item, const PlaybackFailure& failure) const;

    struct Fading {
        std::unique_ptr<media::FrameSource> source;
        media::FadeOut fade;
    };

    std::string provider_;
    std::list<PlaybackTrack> tracks_;
    std::optional<Fading> fading_;  // cut with fadeOutMs, still sounding under what follows
    std::optional<PlaybackFinish> finish_;
    Boxed<SynthesisOption> streaming_option_;  // of the streaming track's last command
    std::uint32_t ssrc_ = 0;
    std::uint32_t last_sequence_ = 0;
    bool held_ = true;
    bool paused_ = false;
};

}  // namespace patchbay::call
