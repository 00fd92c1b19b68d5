// SPDX-License-Identifier: Apache-2.0
#include "call/media_pass.hpp"

#include "base/text.hpp"
#include "call/error_code.hpp"
#include "call/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::call {
namespace {

// RFC 6455 7.4.1; 1005: a close frame without a code.
bool is_good_bye(const SocketClosure& how) {
    return !how.error && (how.code == 1000 || how.code == 1005);
}

// What another attempt would not change.
bool is_final(const SocketClosure& how) {
    return how.error && (how.error->code == Errc::Forbidden || how.error->code == Errc::Malformed ||
                         how.error->code == Errc::Unauthorized);
}

// The original tells the server the rate and the size of the messages in the address.
std::string with_parameters(const MediaPassOption& option) {
    const std::string_view url = std::string_view(option.url).substr(0, option.url.find('#'));
    return std::string(url) + (url.find('?') == std::string_view::npos ? "?" : "&") +
           "sample_rate=" + std::to_string(option.output_sample_rate) +
           "&packet_size=" + std::to_string(option.packet_size.value());
}

}  // namespace

Result<MediaPass> MediaPass::make(const MediaPassOption& option) {
    if (!starts_with_ignoring_case(option.url, "ws://") &&
        !starts_with_ignoring_case(option.url, "wss://")) {
        return fail(Errc::Malformed, "mediaPass.url");
    }
    PB_TRY(const AudioFormat from_server, AudioFormat::linear(option.input_sample_rate));
    PB_TRY(const AudioFormat to_server, AudioFormat::linear(option.output_sample_rate));
    PB_TRY(AudioInlet inlet, AudioInlet::make(from_server, AudioInlet::Kind::Bursts));
    PB_TRY(AudioOutlet outlet, AudioOutlet::make(to_server, option.packet_size.value()));
    return MediaPass(with_parameters(option), std::move(inlet), std::move(outlet));
}

void MediaPass::start(Step& step, std::uint32_t ssrc) {
    ssrc_ = ssrc;
    connect(step);
}

void MediaPass::connect(Step& step) {
    retry_at_.reset();
    ++attempts_;
    socket_ = ++last_socket_;
    step.ask(OpenSocket{{step.names.key, socket_}, url_});
}

void MediaPass::stop(Step& step) {
    retry_at_.reset();
    if (socket_ != 0) {
        step.ask(CloseSocket{{step.names.key, std::exchange(socket_, 0)}});
    }
    end_track(step);
}

void MediaPass::handle_opened(Step& step, std::uint32_t sequence) {
    if (sequence != socket_ || started_at_) {
        return;
    }
    attempts_ = 0;
    started_at_ = step.now;
    step.emit(event::TrackStart{.track_id = step.names.server_track, .timestamp = step.timestamp});
}

void MediaPass::handle_binary(Step& step, std::uint32_t sequence, ByteView bytes) {
    if (sequence != socket_ || !started_at_) {
        return;
    }
    const Result<void> written = inlet_.write(step.now, bytes);
    if (!written && !std::exchange(overflow_reported_, true)) {
        report(step, describe(written.error()), error_code(written.error().code));
    }
}

void MediaPass::handle_closed(Step& step, std::uint32_t sequence, const SocketClosure& how) {
    if (sequence != socket_) {
        return;
    }
    socket_ = 0;
    const bool complete = started_at_ && is_good_bye(how);
    if (complete) {
        end_track(step);
        return;
    }
    const std::string why = explain(how);
    report(step, why, how.error ? error_code(how.error->code) : 503);
    end_track(step);
    if (!is_final(how)) {
        retry(step, why);
    }
}

void MediaPass::retry(Step& step, const std::string& why) {
    if (attempts_ >= kMediaPassAttempts) {
        report(step, "given up after " + std::to_string(attempts_) + " attempts: " + why, 503);
        return;
    }
    retry_at_ = step.now + kMediaPassRetry * (1 << std::max(attempts_ - 1, 0));
}

void MediaPass::handle_timeout(Step& step) {
    if (retry_at_ && *retry_at_ <= step.now) {
        connect(step);
    }
}

void MediaPass::write(Step& step, const media::Frame& heard) {
    if (!started_at_) {
        return;
    }
    outlet_.write(heard, [&](ByteView message) {
        step.ask(SendToSocket{{step.names.key, socket_}, Bytes(message.begin(), message.end())});
    });
}

bool MediaPass::read(Instant now, media::Frame& out) {
    return inlet_.read(now, out);
}

void MediaPass::report(Step& step, const std::string& why, int code) const {
    step.report_error(step.names.server_track, "media", "mediaPass: " + why, code);
}

// What the server said before it went is still heard.
void MediaPass::end_track(Step& step) {
    if (const auto since = std::exchange(started_at_, std::nullopt)) {
        step.emit(event::TrackEnd{.track_id = step.names.server_track,
                                  .timestamp = step.timestamp,
                                  .duration = whole_milliseconds(step.now - *since),
                                  .ssrc = ssrc_});
    }
}

}  // namespace patchbay::call
