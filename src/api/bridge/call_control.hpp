// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/activecall/calls.hpp"
#include "api/bridge/controlled_call.hpp"
#include "api/bridge/whatsapp_calls.hpp"
#include "net/http_server.hpp"

#include <memory>
#include <string>
#include <vector>

namespace patchbay::api::bridge {

// Calls with WhatsApp users by the names that their APIs have: POST /call/start, /call/{id}/accept,
// /call/reject, DELETE /call/{id}, /call/{id}/mute, /call/{id}/dtmf, GET /call/status,
// /call/history, and the WebSocket /call/stream/{id}. One for each shard; both others outlive it.
class CallControl {
  public:
    CallControl(activecall::Calls& calls, WhatsAppCalls& whatsapp)
        : calls_(calls), whatsapp_(whatsapp) {}

    void add_routes(net::HttpServer& server);
    // Often: lets go of calls that are over.
    void keep_house();

  private:
    void start(const net::HttpRequest& request, net::Responder responder);
    void accept(const net::HttpRequest& request, net::Responder responder);
    void reject(const net::HttpRequest& request, net::Responder responder);
    void end(const net::HttpRequest& request, net::Responder responder);
    void mute(const net::HttpRequest& request, net::Responder responder);
    void press(const net::HttpRequest& request, net::Responder responder);
    void add_lists(net::HttpServer& server);
    net::UpgradeDecision admit_stream(const net::HttpRequest& request);
    void open_stream(net::WebSocket socket,
                     const call::SessionId& id,
                     const IpAddress& client,
                     activecall::PendingCall& pending);
    // Begins or takes a call; what is to be answered where that fails.
    std::optional<net::HttpResponse> control(const net::HttpRequest& request,
                                             const call::SessionId& id,
                                             call::Command command);
    net::HttpResponse steer(const net::HttpRequest& request, call::Command command);
    net::HttpResponse shown(std::string_view id, int status) const;

    activecall::Calls& calls_;
    WhatsAppCalls& whatsapp_;
    std::vector<std::unique_ptr<ControlledCall>> controlled_;
};

}  // namespace patchbay::api::bridge
