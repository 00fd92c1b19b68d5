// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/fake_meta/options.hpp"
#include "app/shard/rtp_ports.hpp"
#include "app/terminal/terminal_keys.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "lab/meta/graph_service.hpp"
#include "net/http_pool.hpp"
#include "net/http_server.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"
#include "webrtc/dtls/context.hpp"

#include <deque>
#include <optional>
#include <string>

namespace patchbay::app {

// `patchbay fake-meta --graph`: sockets and output around one lab::meta::GraphService, on one
// shard. Webhooks go one after the other, in their order.
class FakeGraphProcess {
  public:
    FakeGraphProcess(net::Shard& shard, FakeMetaOptions options);
    FakeGraphProcess(const FakeGraphProcess&) = delete;
    FakeGraphProcess& operator=(const FakeGraphProcess&) = delete;

    // The error is a sentence for a person.
    Expected<void, std::string> start();

  private:
    Expected<void, std::string> listen();
    void take_request(const net::HttpRequest& request, net::Responder responder);
    void send_next_webhook();
    void shake_hands();
    void command(const std::string& line);
    bool command_of_graph(std::string_view verb, const std::string& value);

    // Every call into the service goes through here, so that its outputs are taken.
    template <class Action>
    void step(Action&& action);

    net::Shard& shard_;
    FakeMetaOptions options_;
    WallAnchor wall_;
    SystemRandom random_;
    std::optional<webrtc::DtlsContext> dtls_;
    RtpPorts rtp_;
    net::HttpServer server_;
    net::HttpPool pool_;
    std::deque<lab::meta::GraphOutputs::Webhook> webhooks_;
    net::Operation sending_;
    bool is_sending_ = false;
    net::Operation hand_shake_;
    std::optional<lab::meta::GraphService> service_;
    std::optional<TerminalKeys> keys_;
};

}  // namespace patchbay::app
