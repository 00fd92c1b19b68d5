// SPDX-License-Identifier: Apache-2.0
#include "call/remote_voice_watch.hpp"

#include "base/overloaded.hpp"

#include <string>
#include <utility>

namespace patchbay::call {
namespace {

constexpr int kTooLate = 408;

}  // namespace

Result<std::unique_ptr<RemoteVoiceWatch>> RemoteVoiceWatch::make(const VadOption& option) {
    PB_TRY(auto service, speech::RemoteVoice::make(
                             {.endpoint = option.endpoint.value_or(""),
                              .secret_id = option.secret_id.value_or(Secret<std::string>()),
                              .secret_key = option.secret_key.value_or(Secret<std::string>()),
                              .sample_rate = option.samplerate.value(),
                              .threshold = option.voice_threshold.value()}));
    return std::unique_ptr<RemoteVoiceWatch>(new RemoteVoiceWatch(std::move(service)));
}

void RemoteVoiceWatch::start(Step& step) {
    Windows none;
    service_->start(step.now, outputs_);
    perform(step, none);
}

void RemoteVoiceWatch::stop(Step& step) {
    Windows none;
    service_->finish(outputs_);
    perform(step, none);
}

void RemoteVoiceWatch::write(Step& step, Instant begin, const media::Frame& frame, Windows& out) {
    timeline_.note(written_, begin);
    written_ += frame.size();
    service_->write(step.now, frame, outputs_);
    perform(step, out);
    if (arbiter_.handle_heard(begin + media::kFrameTime, out)) {
        complain(step, "answers come too late", kTooLate);
    }
}

void RemoteVoiceWatch::handle_opened(Step& step, std::uint32_t sequence) {
    if (socket_.is(sequence)) {
        Windows none;
        service_->handle_opened(step.now, outputs_);
        perform(step, none);
    }
}

void RemoteVoiceWatch::handle_text(Step& step,
                                   std::uint32_t sequence,
                                   std::string_view message,
                                   Windows& out) {
    if (socket_.is(sequence)) {
        service_->handle_text(step.now, message, outputs_);
        perform(step, out);
    }
}

void RemoteVoiceWatch::handle_closed(Step& step,
                                     std::uint32_t sequence,
                                     const SocketClosure& how,
                                     Windows& out) {
    if (socket_.is(sequence)) {
        service_->handle_closed(step.now, stream_closure(how), outputs_);
        perform(step, out);
    }
}

void RemoteVoiceWatch::handle_timeout(Step& step, Windows& out) {
    service_->handle_timeout(step.now, outputs_);
    perform(step, out);
}

void RemoteVoiceWatch::perform(Step& step, Windows& out) {
    for (speech::RemoteVoiceOutput& output : outputs_) {
        std::visit(Overloaded{
                       [&](speech::OpenStream& open) { socket_.perform(step, open); },
                       [&](speech::SendStreamText& send) { socket_.perform(step, send); },
                       [&](speech::SendStreamAudio& send) { socket_.perform(step, send); },
                       [&](const speech::CloseStream& close) { socket_.perform(step, close); },
                       [&](const speech::RemoteJudgement& one) { judge(step, one, out); },
                       [&](const speech::RemoteVoiceFault& fault) {
                           complain(step, fault.why, fault.code);
                       },
                   },
                   output);
    }
    outputs_.clear();
    if (!service_->is_streaming()) {
        arbiter_.lose_remote(out);
    }
}

void RemoteVoiceWatch::judge(Step& step, const speech::RemoteJudgement& judgement, Windows& out) {
    const Instant begin = timeline_.at(judgement.begin);
    const Instant end = timeline_.at(judgement.begin + judgement.length);
    if (!arbiter_.handle_remote({begin, end - begin, judgement.probability}, out)) {
        complain(step, "answers come too late", kTooLate);
    }
}

void RemoteVoiceWatch::complain(Step& step, const std::string& why, int code) {
    if (!std::exchange(complained_, true)) {
        step.report_error(step.names.caller_track, "vad",
                          "endpoint: " + why + "; the call's own detector serves", code);
    }
}

}  // namespace patchbay::call
