// SPDX-License-Identifier: Apache-2.0
#include "call/recognition.hpp"

#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "call/effects.hpp"
#include "call/error_code.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {
namespace {

// A field of the option, by the name that the contract gives it.
struct Field {
    std::string_view name;
    bool given;  // by the option
    bool known;  // by the option or the account
};

std::vector<Field> fields_of(const TranscriptionOption& option,
                             const speech::RecognitionRequest& request) {
    const auto has = [](const auto& secret) { return !secret.reveal().empty(); };
    return {{"language", option.language.has_value(), !request.language.empty()},
            {"appId", option.app_id.has_value(), !request.app_id.empty()},
            {"secretId", option.secret_id.has_value(), has(request.secret_id)},
            {"secretKey", option.secret_key.has_value(), has(request.secret_key)},
            {"modelType", option.model_type.has_value(), !request.model.empty()},
            {"bufferSize", option.buffer_size.has_value(), request.message_bytes.has_value()},
            {"samplerate", option.samplerate.has_value(), true},
            {"endpoint", option.endpoint.has_value(), !request.endpoint.empty()},
            {"extra", !option.extra.empty(), !request.extra.empty()}};
}

speech::RecognitionRequest request_of(const TranscriptionOption& option,
                                      const SpeechAccount& account) {
    return {.language = option.language.value_or(""),
            .model = option.model_type.value_or(""),
            .app_id = option.app_id.value_or(account.app_id),
            .secret_id = option.secret_id.value_or(account.secret_id),
            .secret_key = option.secret_key.value_or(account.secret_key),
            .endpoint = option.endpoint.value_or(account.endpoint),
            .extra = option.extra,
            .sample_rate = option.samplerate.value(),
            .message_bytes = option.buffer_size};
}

}  // namespace

Expected<RecognitionPlan, std::string> plan_recognition(const TranscriptionOption& option,
                                                        std::string_view default_provider,
                                                        const SpeechAccounts& accounts) {
    const std::string name = to_lower(option.provider.value_or(std::string(default_provider)));
    RecognitionPlan plan{.provider = speech::find_recognizer(name), .request = {}, .unused = {}};
    if (plan.provider == nullptr) {
        return tl::unexpected("provider " + name + " is not known");
    }
    const auto account = accounts.find(name);
    plan.request =
        request_of(option, account != accounts.end() ? account->second : SpeechAccount{});
    plan.endpoint_is_ours = !option.endpoint.has_value();
    for (const Field& field : fields_of(option, plan.request)) {
        if (!field.known && std::ranges::count(plan.provider->needs, field.name) > 0) {
            return tl::unexpected("provider " + name + " needs " + std::string(field.name) +
                                  ", which neither the call nor the configuration gives");
        }
        if (field.given && !plan.provider->knows(field.name)) {
            plan.unused.emplace_back(field.name);
        }
    }
    return plan;
}

Recognition::Recognition(RecognitionPlan plan,
                         WallAnchor wall,
                         Random& random,
                         const BargeIn* fillers)
    : plan_(std::move(plan)), wall_(wall), fillers_(fillers) {
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
        std::string fields;
        for (const std::string& field : plan_.unused) {
            fields += (fields.empty() ? "" : ",") + field;
        }
        step.emit(event::Other{
            .track_id = step.names.caller_track,
            .timestamp = step.timestamp,
            .sender = "asr",
            .extra = {{"provider", std::string(plan_.provider->name)}, {"unused", fields}}});
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
    if (stream_ && sequence == socket_) {
        stream_->handle_opened(step.now, outputs_);
        perform(step);
    }
}

void Recognition::handle_text(Step& step, std::uint32_t sequence, std::string_view message) {
    if (stream_ && sequence == socket_) {
        stream_->handle_text(step.now, message, outputs_);
        perform(step);
    }
}

void Recognition::handle_closed(Step& step, std::uint32_t sequence, const SocketClosure& how) {
    if (!stream_ || sequence != socket_) {
        return;
    }
    speech::StreamClosure closure{.why = explain(how), .status = 0};
    if (how.error && how.error->where == kHttpStatus) {
        closure.status = static_cast<int>(how.error->detail);
    } else if (how.error &&
               (how.error->code == Errc::Forbidden || how.error->code == Errc::Malformed)) {
        closure.status = error_code(how.error->code);  // another attempt would change nothing
    }
    stream_->handle_closed(step.now, closure, outputs_);
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
    const auto socket = [&] {
        return SocketId{step.names.key, socket_, SocketPurpose::Recognition};
    };
    for (speech::StreamOutput& output : outputs_) {
        std::visit(
            Overloaded{
                [&](speech::OpenStream& open) {
                    ++socket_;
                    step.ask(OpenSocket{socket(), std::move(open.target.url),
                                        std::move(open.target.fields), plan_.endpoint_is_ours});
                },
                [&](speech::SendStreamText& send) {
                    step.ask(SendTextToSocket{socket(), std::move(send.text)});
                },
                [&](speech::SendStreamAudio& send) {
                    step.ask(SendToSocket{socket(), std::move(send.bytes)});
                },
                [&](const speech::CloseStream&) { step.ask(CloseSocket{socket()}); },
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
    step.emit(event::AsrDelta{
        .track_id = step.names.caller_track,
        .timestamp = step.timestamp,
        .index = index_,
        .start_time = spoken_at(transcript.begin),
        .end_time = spoken_at(transcript.end),
        .text = transcript.text,
        .is_filler = filler(transcript.text),
        .confidence = transcript.confidence,
        .task_id = transcript.task_id.empty() ? std::nullopt : std::optional(transcript.task_id),
        .refer = std::nullopt});
}

void Recognition::tell_final(Step& step, const speech::Transcript& transcript) {
    heard_.push_back({transcript.text, true});
    step.emit(event::AsrFinal{
        .track_id = step.names.caller_track,
        .timestamp = step.timestamp,
        .index = index_,
        .start_time = spoken_at(transcript.begin),
        .end_time = spoken_at(transcript.end),
        .text = transcript.text,
        .is_filler = filler(transcript.text),
        .confidence = transcript.confidence,
        .task_id = transcript.task_id.empty() ? std::nullopt : std::optional(transcript.task_id),
        .refer = std::nullopt});
    measure(step, "completed", sentence_since_.value_or(idle_since_));
    sentence_since_.reset();
    unfinished_.reset();
    idle_since_ = step.now;
    ++index_;
}

}  // namespace patchbay::call
