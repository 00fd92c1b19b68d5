// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/activecall/calls.hpp"
#include "base/time.hpp"
#include "net/responder.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace patchbay::api::activecall {

// GET /events/{id}: the events of a call and the commands to it, as server-sent events. A reader
// that falls behind is let go, because nothing may be left out silently. It steers nothing.
//
// Belongs to the shard that accepted the request.
class EventStream final : public CallListener {
  public:
    // NotFound: there is no such call.
    static Result<std::unique_ptr<EventStream>> open(Calls& calls,
                                                     const call::SessionId& id,
                                                     WallAnchor wall);
    explicit EventStream(WallAnchor wall) : wall_(wall) {}

    // Sends the head; what happened since open() follows.
    void start(net::Responder responder);
    // Sends the ping that is due.
    void handle_time(Instant now);
    bool is_over() const { return over_; }

    void on_event(const call::Event& event, std::uint64_t sequence) override;
    void on_command(const call::ClientCommand& command) override;
    void on_displaced(std::string_view reason) override;
    void on_ended() override;

  private:
    void write(std::string_view kind, const std::string& json);
    void finish();

    WallAnchor wall_;
    std::optional<net::BodyStream> stream_;
    std::unique_ptr<Observation> observation_;
    std::optional<Instant> next_ping_;
    bool over_ = false;
};

}  // namespace patchbay::api::activecall
