// SPDX-License-Identifier: Apache-2.0
#include "app/calls/event_dump.hpp"

#include "api/messages/command_json.hpp"
#include "api/messages/dump_line.hpp"
#include "api/messages/event_json.hpp"

#include <string>
#include <utility>
#include <variant>

namespace patchbay::app {

EventDump::EventDump(std::shared_ptr<const store::FileJail> folder,
                     store::DiskThread& disk,
                     const call::SessionId& id,
                     store::LineLog::Opened opened)
    : lines_(
          std::move(folder), disk, store::substitute_id(kDumpName, id.value()), std::move(opened)) {
}

void EventDump::event(WallTime now, const call::Event& event) {
    if (!std::holds_alternative<call::event::Binary>(event)) {
        write("event", now, api::encode_event(event));
    }
}

void EventDump::command(WallTime now, const call::ClientCommand& command) {
    write("command", now, api::encode_command(command));
}

void EventDump::write(std::string_view type, WallTime now, std::string_view json) {
    if (dropped_ > 0) {
        const api::DumpLine gap{
            .type = "dropped", .timestamp = now, .content = std::to_string(dropped_) + " lines"};
        if (!lines_.write(api::encode_dump_line(gap))) {
            ++dropped_;
            return;
        }
        dropped_ = 0;
    }
    const api::DumpLine line{
        .type = std::string(type), .timestamp = now, .content = std::string(json)};
    if (!lines_.write(api::encode_dump_line(line))) {
        ++dropped_;
    }
}

}  // namespace patchbay::app
