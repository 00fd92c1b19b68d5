// SPDX-License-Identifier: Apache-2.0
#include "call/recognition.hpp"

#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "call/effects.hpp"
#include "call/error_code.hpp"
#include "call/speech_fields.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {

Recognition::Recognition(RecognitionPlan plan,
                         WallAnchor wall,
                         Random& random,
                         const BargeIn* fillers)
    : plan_(std::move(plan)),
      wall_(wall),
      socket_(SocketPurpose::Recognition, plan_.endpoint_is_ours),
      fillers_(fillers) {
    if (plan_.provider->is_embedded()) {
        return;
    }
    auto made = speech::RecognitionStream::make(
        plan_.provider->make(plan_.request),
        {.sample_rate = plan_.request.sample_rate, .message_bytes = plan_.request.message_bytes},
        wall_, random);
    if (made) {
        stream_ = std::move(*made);
    }
}

void Recognition::start(Step& step) {
    idle_since_ = step.now;
    if (!plan_.unused.empty()) {
        step.emit(unused_fields_event(step, step.names.caller_track, "asr", plan_.provider->name,
                                      plan_.unused));
    }
    if (stream_) {
        stream_->start(step.now, outputs_);
        perform(step);
    } else if (plan_.provider->is_embedded()) {
        step.ask(OpenRecognizer{step.names.key, plan_.request});
    } else {
        report(step, "samplerate must be 8000 or 16000", 400);
    }
}

void Recognition::stop(Step& step) {
    if (stream_) {
        stream_->finish(outputs_);
        perform(step);
        stream_.reset();
    }
    feed_.reset();
    if (unfinished_) {
        tell_final(step, *std::exchange(unfinished_, std::nullopt));
    }
}

void Recognition::write(Step& step, Instant begin, const media::Frame& frame) {
    if (!stream_ && !feed_) {
        return;
    }
    timeline_.note(written_, begin);
    written_ += frame.size();
    if (feed_) {
        feed_->write(frame);
    } else {
        stream_->write(step.now, frame, outputs_);
        perform(step);
    }
}

void Recognition::attach(std::unique_ptr<speech::RecognizerFeed> feed) {
    feed_ = std::move(feed);
}

void Recognition::fail(Step& step, const Error& error) {
    feed_.reset();
    const bool busy = error.code == Errc::Unavailable;
    report(step, busy ? "asr busy" : describe(error), error_code(error.code));
}

void Recognition::handle_opened(Step& step, std::uint32_t sequence) {
    if (stream_ && socket_.is(sequence)) {
        stream_->handle_opened(step.now, outputs_);
        perform(step);
    }
}

void Recognition::handle_text(Step& step, std::uint32_t sequence, std::string_view message) {
    if (stream_ && socket_.is(sequence)) {
        stream_->handle_text(step.now, message, outputs_);
        perform(step);
    }
}

void Recognition::handle_closed(Step& step, std::uint32_t sequence, const SocketClosure& how) {
    if (!stream_ || !socket_.is(sequence)) {
        return;
    }
    stream_->handle_closed(step.now, stream_closure(how), outputs_);
    perform(step);
}

void Recognition::handle_timeout(Step& step) {
    if (stream_) {
        stream_->handle_timeout(step.now, outputs_);
        perform(step);
    }
}

std::optional<Instant> Recognition::next_timeout() const {
    return stream_ ? stream_->next_timeout() : std::nullopt;
}

void Recognition::perform(Step& step) {
    for (speech::StreamOutput& output : outputs_) {
        std::visit(
            Overloaded{
                [&](speech::OpenStream& open) { socket_.perform(step, open); },
                [&](speech::SendStreamText& send) { socket_.perform(step, send); },
                [&](speech::SendStreamAudio& send) { socket_.perform(step, send); },
                [&](const speech::CloseStream& close) { socket_.perform(step, close); },
                [&](const speech::Transcript& transcript) { handle(step, transcript); },
                [&](const speech::RecognitionFault& fault) { report(step, fault.why, fault.code); },
            },
            output);
    }
    outputs_.clear();
}

void Recognition::report(Step& step, const std::string& why, int code) const {
    step.report_error(step.names.caller_track, "asr",
                      std::string(plan_.provider->name) + ": " + why, code);
}

// From the first audio of a sentence on; where the provider does not say when that was, from the
// end of the sentence before.
void Recognition::measure(Step& step, std::string_view what, Instant since) const {
    const std::string provider(plan_.provider->name);
    step.emit(
        event::Metrics{.timestamp = step.timestamp,
                       .key = std::string(what) + ".asr." + provider,
                       .duration = std::max(whole_milliseconds(step.now - since), Milliseconds(0)),
                       .data = {{"index", JsonText::number(std::int64_t{index_})},
                                {"provider", JsonText::text(provider)}}});
}

std::optional<WallTime> Recognition::spoken_at(std::optional<Nanoseconds> since) const {
    return since ? std::optional(wall_.at(timeline_.at(*since))) : std::nullopt;
}

std::optional<bool> Recognition::filler(const std::string& text) const {
    return fillers_ != nullptr && fillers_->is_filler(text) ? std::optional(true) : std::nullopt;
}

template <class Event>
Event Recognition::told(const Step& step, const speech::Transcript& transcript) const {
    return {
        .track_id = step.names.caller_track,
        .timestamp = step.timestamp,
        .index = index_,
        .start_time = spoken_at(transcript.begin),
        .end_time = spoken_at(transcript.end),
        .text = transcript.text,
        .is_filler = filler(transcript.text),
        .confidence = transcript.confidence,
        .task_id = transcript.task_id.empty() ? std::nullopt : std::optional(transcript.task_id),
        .refer = std::nullopt};
}

void Recognition::handle(Step& step, const speech::Transcript& transcript) {
    if (trim(transcript.text).empty() ||
        (!transcript.final && unfinished_ && unfinished_->text == transcript.text)) {
        return;
    }
    if (!sentence_since_) {
        sentence_since_ = transcript.begin ? timeline_.at(*transcript.begin) : idle_since_;
        measure(step, "ttfb", *sentence_since_);
    }
    if (transcript.final) {
        tell_final(step, transcript);
        return;
    }
    unfinished_ = transcript;
    heard_.push_back({transcript.text, false});
    step.emit(told<event::AsrDelta>(step, transcript));
}

void Recognition::tell_final(Step& step, const speech::Transcript& transcript) {
    heard_.push_back({transcript.text, true});
    step.emit(told<event::AsrFinal>(step, transcript));
    measure(step, "completed", sentence_since_.value_or(idle_since_));
    sentence_since_.reset();
    unfinished_.reset();
    idle_since_ = step.now;
    ++index_;
}

}  // namespace patchbay::call
