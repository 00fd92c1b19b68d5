// SPDX-License-Identifier: Apache-2.0
// What the client is told about its playbacks.
#include "base/json_text.hpp"
#include "call/error_code.hpp"
#include "call/playback.hpp"

#include <string>
#include <utility>

namespace patchbay::call {
namespace {

// Who speaks an item: what the session chose, or the only one there is.
std::string provider_of(const PlaybackItem& item, const std::string& otherwise) {
    return item.speech() != nullptr ? item.speech()->option.provider.value_or(otherwise)
                                    : otherwise;
}

JsonText milliseconds(Nanoseconds duration) {
    return JsonText::number(whole_milliseconds(duration).count());
}

}  // namespace

void Playback::report_end(Step& step, const PlaybackTrack& track) const {
    step.emit(event::TrackEnd{.track_id = step.names.server_track,
                              .timestamp = step.timestamp,
                              .duration = whole_milliseconds(step.now - *track.started_at),
                              .ssrc = ssrc_,
                              .play_id = track.play_id});
}

// Only speech is interrupted; a file that is cut just ends.
void Playback::report_interruption(Step& step, const PlaybackTrack& track) const {
    if (track.kind != PlaybackTrack::Kind::Speech) {
        return;
    }
    event::Interruption interruption{.track_id = step.names.server_track,
                                     .timestamp = step.timestamp,
                                     .play_id = track.play_id,
                                     .subtitle = std::nullopt,
                                     .position = std::nullopt,
                                     .total_duration = {},
                                     .current = {}};
    if (!track.items.empty()) {
        const PlaybackItem& item = track.items.front();
        const HeardSpeech heard = heard_of(item);
        if (item.speech() != nullptr) {
            interruption.subtitle = item.speech()->text;
        }
        interruption.position = heard.position;
        interruption.total_duration = heard.total;
        interruption.current = heard.current;
    }
    step.emit(std::move(interruption));
}

void Playback::report_first_audio(Step& step,
                                  const PlaybackTrack& track,
                                  PlaybackItem& item) const {
    if (item.speech() == nullptr || item.time_to_first_audio) {
        return;
    }
    item.time_to_first_audio = step.now - *item.requested_at;
    const std::string provider = provider_of(item, provider_);
    event::Metrics metrics{.timestamp = step.timestamp,
                           .key = "ttfb.tts." + provider,
                           .duration = whole_milliseconds(*item.time_to_first_audio),
                           .data = {{"provider", JsonText::text(provider)}}};
    if (track.play_id) {
        metrics.data.emplace("playId", JsonText::text(track.play_id->value()));
    }
    step.emit(std::move(metrics));
}

void Playback::report_completed(Step& step,
                                const PlaybackTrack& track,
                                const PlaybackItem& item) const {
    if (item.speech() == nullptr) {
        return;
    }
    const Nanoseconds took = item.synthesis_time.value_or(step.now - *item.requested_at);
    const Nanoseconds length = item.result ? item.result->duration : item.heard();
    const auto bytes = static_cast<std::int64_t>(media::samples_in(length) * sizeof(std::int16_t));
    const std::string provider = provider_of(item, provider_);
    const bool cached = item.result && item.result->cached;
    event::Metrics metrics{.timestamp = step.timestamp,
                           .key = "completed.tts." + provider,
                           .duration = whole_milliseconds(took),
                           .data = {{"provider", JsonText::text(provider)},
                                    {"cmdSeq", JsonText::number(std::int64_t{item.sequence})},
                                    {"length", JsonText::number(bytes)},
                                    {"cached", JsonText::boolean(cached)},
                                    {"duration", milliseconds(length)}}};
    if (item.time_to_first_audio) {
        metrics.data.emplace("ttfb", milliseconds(*item.time_to_first_audio));
    }
    if (track.play_id) {
        metrics.data.emplace("playId", JsonText::text(track.play_id->value()));
    }
    step.emit(std::move(metrics));
}

void Playback::report_failure(Step& step,
                              const PlaybackItem& item,
                              const PlaybackFailure& failure) const {
    std::string text = failure.why;
    if (const auto* file = std::get_if<PlaybackItem::File>(&item.content)) {
        text = "cannot play " + file->url + ": " + text;
    } else {
        text = provider_of(item, provider_) + ": " + text;
    }
    step.report_error(step.names.server_track, item.speech() != nullptr ? "tts" : "media",
                      std::move(text), failure.code);
}

}  // namespace patchbay::call
