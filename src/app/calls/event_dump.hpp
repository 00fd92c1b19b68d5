// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/client_command.hpp"
#include "call/event.hpp"
#include "call/ids.hpp"
#include "store/line_log.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace patchbay::app {

// The name of a call's dump: store::substitute_id.
inline constexpr std::string_view kDumpName = "{id}.events.jsonl";

// What a call said and was told, one JSON object a line, without secrets. The
// call's shard writes, the disk thread keeps.
class EventDump {
  public:
    EventDump(std::shared_ptr<const store::FileJail> folder,
              store::DiskThread& disk,
              const call::SessionId& id,
              store::LineLog::Opened opened);

    void event(WallTime now, const call::Event& event);
    void command(WallTime now, const call::ClientCommand& command);

  private:
    void write(std::string_view type, WallTime now, std::string_view json);

    store::LineLog lines_;
    std::uint64_t dropped_ = 0;  // lines that a slow disk did not take, since the last one it took
};

}  // namespace patchbay::app
