// SPDX-License-Identifier: Apache-2.0
// What a command does to the queue.
#include "base/text.hpp"
#include "call/limits.hpp"
#include "call/playback.hpp"
#include "media/memory_source.hpp"
#include "media/resampler.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace patchbay::call {
namespace {

using Samples = std::vector<std::int16_t>;

Result<Samples> to_playing_rate(Samples samples, int rate) {
    PB_TRY(media::Resampler resampler, media::Resampler::make(rate, media::kSampleRate));
    if (resampler.is_identity()) {
        return samples;
    }
    const std::size_t expected = samples.size() * static_cast<std::size_t>(media::kSampleRate) /
                                 static_cast<std::size_t>(rate);
    Samples out(expected);
    samples.resize(samples.size() + resampler.latency());
    out.resize(resampler.process(samples, out).produced);
    return out;
}

// `text` of a `tts` with `base64`: s16le mono at the rate of the synthesis.
Result<std::unique_ptr<media::FrameSource>> decode_samples(std::string_view text, int rate) {
    const std::optional<Bytes> bytes = from_base64(text);
    if (!bytes || bytes->size() % 2 != 0) {
        return fail(Errc::Malformed, "base64 audio");
    }
    Samples samples(bytes->size() / 2);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        samples[i] = static_cast<std::int16_t>((*bytes)[2 * i] | ((*bytes)[2 * i + 1] << 8));
    }
    PB_TRY(Samples playing, to_playing_rate(std::move(samples), rate));
    return std::make_unique<media::MemorySource>(std::move(playing));
}

}  // namespace

Result<void> Playback::check_room() const {
    std::size_t waiting = 0;
    for (const PlaybackTrack& track : tracks_) {
        waiting += track.items.size();
    }
    if (waiting >= kQueuedPlaybacks) {
        return fail(Errc::TooLarge, "playback queue", static_cast<std::int64_t>(waiting));
    }
    return {};
}

PlaybackTrack* Playback::joinable(PlaybackTrack::Kind kind, const std::optional<PlayId>& play_id) {
    if (tracks_.empty() || tracks_.back().kind != kind || tracks_.back().play_id != play_id) {
        return nullptr;
    }
    return &tracks_.back();
}

// The last track, if the command belongs to it; else a new one, alone.
PlaybackTrack& Playback::track_for(Step& step,
                                   PlaybackTrack::Kind kind,
                                   const std::optional<PlayId>& play_id) {
    PlaybackTrack* last = joinable(kind, play_id);
    if (last != nullptr && kind == PlaybackTrack::Kind::Speech && !last->winding_down) {
        return *last;
    }
    if (last == nullptr) {
        cut(step);
    }
    const bool auto_hangup = last != nullptr && last->auto_hangup;
    PlaybackTrack& track = tracks_.emplace_back();
    track.kind = kind;
    track.play_id = play_id;
    track.auto_hangup = auto_hangup;
    return track;
}

void Playback::add_item(PlaybackTrack& track, PlaybackItem::Content content) {
    PlaybackItem& item = track.items.emplace_back();
    item.sequence = ++last_sequence_;
    item.content = std::move(content);
}

Result<void> Playback::speak(Step& step,
                             const command::Tts& tts,
                             const SynthesisOption& call_option) {
    PB_CHECK(check_room());
    SynthesisOption option = tts.option ? overlaid(call_option, *tts.option) : call_option;
    if (tts.speaker) {
        option.speaker = tts.speaker;
    }
    std::unique_ptr<media::FrameSource> samples;
    if (tts.base64.value()) {
        PB_TRY(samples, decode_samples(tts.text, option.samplerate.value()));
    } else if (tts.text.size() > kSpeechText) {
        return fail(Errc::TooLarge, "tts text", static_cast<std::int64_t>(tts.text.size()));
    }

    PlaybackTrack& track = track_for(step, PlaybackTrack::Kind::Speech, tts.play_id);
    track.auto_hangup = tts.auto_hangup.given().value_or(track.auto_hangup);
    if (tts.wait_input_timeout) {
        track.wait_input = tts.wait_input_timeout->value();
    }
    if (samples) {
        add_item(track, PlaybackItem::Sound{});
        track.items.back().source = std::move(samples);
    } else {
        add_text(track, tts, option);
    }
    track.open = tts.streaming.value() && !tts.end_of_stream.value();
    settle(step);
    return {};
}

void Playback::add_text(PlaybackTrack& track,
                        const command::Tts& tts,
                        const SynthesisOption& option) {
    if (!tts.streaming.value()) {
        if (!trim(tts.text).empty()) {
            add_item(track, PlaybackItem::Speech{tts.text, option, tts.cache_key.value_or("")});
        }
        return;
    }
    streaming_option_ = option;
    track.text.add(tts.text);
    add_sentences(track, option);
    if (std::string rest = tts.end_of_stream.value() ? track.text.rest() : ""; !rest.empty()) {
        add_item(track, PlaybackItem::Speech{std::move(rest), option, {}});
    }
}

void Playback::add_sentences(PlaybackTrack& track, const SynthesisOption& option) {
    while (std::optional<std::string> sentence = track.text.next()) {
        add_item(track, PlaybackItem::Speech{std::move(*sentence), option, {}});
    }
}

Result<void> Playback::play(Step& step, const command::Play& play) {
    PB_CHECK(check_room());
    const PlayId play_id = play.play_id.value_or(PlayId(play.url));
    PlaybackTrack& track = track_for(step, PlaybackTrack::Kind::File, play_id);
    track.auto_hangup = play.auto_hangup.given().value_or(track.auto_hangup);
    if (play.wait_input_timeout) {
        track.wait_input = play.wait_input_timeout->value();
    }
    add_item(track, PlaybackItem::File{play.url, play.offset.value_or(Milliseconds(0))});
    settle(step);
    return {};
}

void Playback::play_sound(Step& step,
                          std::unique_ptr<media::FrameSource> source,
                          bool auto_hangup) {
    PlaybackTrack& track = tracks_.emplace_back();
    track.kind = PlaybackTrack::Kind::File;
    track.auto_hangup = auto_hangup;
    add_item(track, PlaybackItem::Sound{});
    track.items.back().source = std::move(source);
    settle(step);
}

void Playback::interrupt(Step& step, const command::Interrupt& interrupt) {
    if (tracks_.empty()) {
        return;
    }
    const PlaybackTrack& front = tracks_.front();
    const bool mid_sentence = front.kind == PlaybackTrack::Kind::Speech && !front.open &&
                              !front.items.empty() && front.items.front().frames_heard > 0;
    if (interrupt.graceful.value() && mid_sentence && !paused_) {
        wind_down();
        return;
    }
    cut(step, interrupt.fade_out.value_or(Milliseconds(0)));
}

void Playback::stop_file(Step& step, const PlayId& play_id) {
    if (!tracks_.empty() && tracks_.front().kind == PlaybackTrack::Kind::File &&
        tracks_.front().play_id == play_id) {
        cut(step);
    }
}

// The sentence that sounds is finished; nothing else is.
void Playback::wind_down() {
    tracks_.resize(1);
    PlaybackTrack& front = tracks_.front();
    front.items.resize(1);
    front.winding_down = true;
    front.auto_hangup = false;
    front.wait_input.reset();
}

// Ends what plays and drops what waits, at once. A cut playback triggers no autoHangup.
void Playback::cut(Step& step, Nanoseconds fade) {
    paused_ = false;
    if (tracks_.empty()) {
        return;
    }
    PlaybackTrack front = std::move(tracks_.front());
    tracks_.clear();
    if (!front.started_at) {
        return;
    }
    report_interruption(step, front);
    report_end(step, front);
    if (fade > Nanoseconds(0) && !front.items.empty() && front.items.front().source) {
        fading_.emplace(Fading{std::move(front.items.front().source), media::FadeOut(fade)});
    }
}

Result<void> Playback::pause() {
    if (!is_playing()) {
        return fail(Errc::WrongState, "pause: nothing plays");
    }
    paused_ = true;
    return {};
}

Result<void> Playback::resume() {
    if (!is_playing()) {
        return fail(Errc::WrongState, "resume: nothing plays");
    }
    paused_ = false;
    return {};
}

}  // namespace patchbay::call
