// SPDX-License-Identifier: Apache-2.0
#include "api/activecall/event_stream.hpp"

#include "api/limits.hpp"
#include "api/messages/command_json.hpp"
#include "api/messages/event_json.hpp"

#include <fmt/format.h>

#include <utility>

namespace patchbay::api::activecall {

Result<std::unique_ptr<EventStream>> EventStream::open(Calls& calls,
                                                       const call::SessionId& id,
                                                       WallAnchor wall) {
    auto stream = std::make_unique<EventStream>(wall);
    PB_TRY(stream->observation_, calls.observe(id, *stream));
    return stream;
}

void EventStream::start(net::Responder responder) {
    net::HttpResponse head = net::HttpResponse::text(200, "");
    head.fields.set("Content-Type", "text/event-stream;charset=utf-8");
    head.fields.set("Cache-Control", "no-store");
    stream_.emplace(responder.stream(std::move(head)));
    stream_->on_closed([this] { over_ = true; });
    if (over_) {
        stream_->finish();  // the call ended meanwhile
    }
}

void EventStream::handle_time(Instant now) {
    if (!next_ping_) {
        next_ping_ = now + kDefaultPingInterval;
    } else if (*next_ping_ <= now) {
        next_ping_ = now + kDefaultPingInterval;
        const call::event::Ping ping{.timestamp = wall_.at(now), .payload = std::nullopt};
        write("event", encode_event(ping));
    }
}

void EventStream::on_event(const call::Event& event, std::uint64_t /*sequence*/) {
    write("event", encode_event(event));
}

void EventStream::on_command(const call::ClientCommand& command) {
    write("command", encode_command(command));
}

void EventStream::on_displaced(std::string_view /*reason*/) {
    finish();
}

void EventStream::on_ended() {
    finish();
}

void EventStream::write(std::string_view kind, const std::string& json) {
    if (stream_ && !over_ && !stream_->write(fmt::format("event: {}\ndata: {}\n\n", kind, json))) {
        finish();
    }
}

// The object itself is destroyed by its owner, later.
void EventStream::finish() {
    if (!std::exchange(over_, true) && stream_) {
        stream_->finish();
    }
}

}  // namespace patchbay::api::activecall
