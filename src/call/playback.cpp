// SPDX-License-Identifier: Apache-2.0
// What time and the world's answers do to the queue.
#include "call/playback.hpp"

#include "base/overloaded.hpp"
#include "call/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {

void Playback::start(Step& step, std::uint32_t ssrc) {
    ssrc_ = ssrc;
    held_ = false;
    settle(step);
}

void Playback::stop(Step& step) {
    if (!tracks_.empty() && tracks_.front().started_at) {
        report_end(step, tracks_.front());
    }
    tracks_.clear();
    fading_.reset();
    finish_.reset();
    held_ = true;
}

// Brings the queue to rest after any change: the front track has begun and has something to play,
// or waits for more text, or there is none.
void Playback::settle(Step& step) {
    while (!tracks_.empty()) {
        request_ahead(step);
        if (held_) {
            return;
        }
        PlaybackTrack& front = tracks_.front();
        if (!front.started_at) {
            begin(step, front);
        }
        if (!front.items.empty() || front.open) {
            return;
        }
        end(step);
    }
}

// Asks for the sources of what comes next: as many syntheses at once as the client allows, and not
// so far ahead that a long queue fills the memory.
void Playback::request_ahead(Step& step) {
    PlaybackTrack& front = tracks_.front();
    std::uint32_t being_synthesized = 0;
    const std::size_t ahead = std::min(front.items.size(), kSpeechAhead + 1);
    for (std::size_t i = 0; i < ahead; ++i) {
        PlaybackItem& item = front.items[i];
        const auto* speech = item.speech();
        if (!item.requested_at) {
            if (speech != nullptr &&
                being_synthesized >= speech->option.max_concurrent_tasks.value()) {
                return;
            }
            request(step, item);
        }
        being_synthesized += item.is_being_synthesized() ? 1 : 0;
    }
}

void Playback::request(Step& step, PlaybackItem& item) {
    item.requested_at = step.now;
    const PlaybackId id{step.names.key, item.sequence};
    std::visit(
        Overloaded{
            [&](const PlaybackItem::Speech& speech) {
                step.ask(StartSpeech{id, speech.text, speech.option, speech.cache_key});
            },
            [&](const PlaybackItem::File& file) { step.ask(OpenFile{id, file.url, file.offset}); },
            [](const PlaybackItem::Sound&) {},
        },
        item.content);
}

void Playback::begin(Step& step, PlaybackTrack& track) {
    track.started_at = step.now;
    finish_.reset();
    step.emit(event::TrackStart{.track_id = step.names.server_track,
                                .timestamp = step.timestamp,
                                .play_id = track.play_id});
}

// The front track has nothing more to play.
void Playback::end(Step& step) {
    const PlaybackTrack track = std::move(tracks_.front());
    tracks_.pop_front();
    report_end(step, track);
    if (tracks_.empty()) {
        finish_ = PlaybackFinish{.auto_hangup = track.auto_hangup,
                                 .wait_input = track.wait_input,
                                 .failed = track.failed};
    }
}

bool Playback::read(Step& step, media::Frame& out) {
    const bool sounds = !held_ && !paused_ && !tracks_.empty() && read_front(step, out);
    if (!sounds) {
        out.fill(0);
    }
    if (fading_) {
        add_fading(out);
        return true;
    }
    return sounds;
}

bool Playback::read_front(Step& step, media::Frame& out) {
    while (!tracks_.empty()) {
        PlaybackTrack& track = tracks_.front();
        if (track.items.empty()) {
            std::optional<std::string> sentence = track.text.next_if_complete();
            if (!sentence) {
                return false;
            }
            add_item(track, PlaybackItem::Speech{std::move(*sentence), *streaming_option_, {}});
            settle(step);
            return false;
        }
        PlaybackItem& item = track.items.front();
        using State = media::FrameSource::State;
        const State state = item.source ? item.source->read(out) : State::Starving;
        switch (state) {
            case State::Playing:
                ++item.frames_heard;
                item.starving_since.reset();
                report_first_audio(step, track, item);
                return true;
            case State::Starving:
                if (!starve(step, item)) {
                    return false;
                }
                break;
            case State::Ended: finish_item(step); break;
            case State::Failed:
                drop_failed(step, track, 0,
                            failure_of(item.source->failure().value_or(
                                Error{Errc::Unavailable, "source"})));
                break;
        }
    }
    return false;
}

// True when the item was given up.
bool Playback::starve(Step& step, PlaybackItem& item) {
    item.starving_since = item.starving_since.value_or(step.now);
    if (step.now - *item.starving_since < kSourceStall) {
        return false;
    }
    drop_failed(step, tracks_.front(), 0, failure_of({Errc::Timeout, "source"}));
    return true;
}

// The front item has been heard to its end.
void Playback::finish_item(Step& step) {
    PlaybackTrack& track = tracks_.front();
    PlaybackItem& item = track.items.front();
    if (!item.result) {
        report_completed(step, track, item);
    }
    if (track.winding_down) {
        report_interruption(step, track);
    }
    track.items.pop_front();
    settle(step);
}

void Playback::drop_failed(Step& step,
                           PlaybackTrack& track,
                           std::size_t index,
                           const PlaybackFailure& failure) {
    report_failure(step, track.items[index], failure);
    track.failed = true;
    track.items.erase(track.items.begin() + static_cast<std::ptrdiff_t>(index));
    settle(step);
}

PlaybackItem* Playback::find(std::uint32_t sequence) {
    for (PlaybackTrack& track : tracks_) {
        for (PlaybackItem& item : track.items) {
            if (item.sequence == sequence) {
                return &item;
            }
        }
    }
    return nullptr;
}

void Playback::attach(std::uint32_t sequence, std::unique_ptr<media::FrameSource> source) {
    if (PlaybackItem* item = find(sequence); item != nullptr && !item->source) {
        item->source = std::move(source);
    }
}

void Playback::give_up(Step& step, std::uint32_t sequence, const PlaybackFailure& failure) {
    for (PlaybackTrack& track : tracks_) {
        for (std::size_t i = 0; i < track.items.size(); ++i) {
            if (track.items[i].sequence == sequence) {
                drop_failed(step, track, i, failure);
                return;
            }
        }
    }
}

void Playback::finish_speech(Step& step,
                             std::uint32_t sequence,
                             const speech::SpeechResult& result) {
    PlaybackItem* item = find(sequence);
    if (item == nullptr || !item->is_being_synthesized()) {
        return;
    }
    item->result = result;
    item->synthesis_time = step.now - *item->requested_at;
    report_first_audio(step, tracks_.front(), *item);
    report_completed(step, tracks_.front(), *item);
    settle(step);
}

// The tail of a playback that was cut with fadeOutMs, under whatever plays now.
void Playback::add_fading(media::Frame& out) {
    media::Frame tail;
    const auto state = fading_->source->read(tail);
    fading_->fade.apply(tail);
    media::mix_into(out, tail);
    if (fading_->fade.finished() || state == media::FrameSource::State::Ended ||
        state == media::FrameSource::State::Failed) {
        fading_.reset();
    }
}

}  // namespace patchbay::call
