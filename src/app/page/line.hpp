// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/page/devtools_link.hpp"
#include "app/page/server.hpp"
#include "app/page/voice.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "bridge/page/remote_chrome.hpp"
#include "bridge/page/side.hpp"
#include "bridge/plan.hpp"
#include "net/http_pool.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"
#include "sip/flow.hpp"

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::app {

// One bridge whose WhatsApp side is a page: carries what the engines of bridge/page say between the
// SIP engine, Chrome, the page's own endpoint here and the helper. Belongs to its shard.
class PageLine {
  public:
    // A message of the side's to the SIP engine, as if it had come by its flow.
    using ToEngine = UniqueFunction<void(Instant now, const sip::Flow& flow, std::string message)>;

    PageLine(net::Shard& shard,
             WallAnchor wall,
             Random& random,
             bridge::PageAccount account,
             ToEngine to_engine);

    void use(bridge::PageAccount account);
    // Takes no new call, and lets Chrome go when the last one is over.
    void retire();
    bool is_over() const { return is_retired_ && side_.calls() == 0; }
    void handle_message(Instant now, ByteView message);
    void handle_timeout(Instant now);
    void tick(Instant now);
    std::optional<Instant> next_timeout() const;

    const std::string& bridge() const { return account_.bridge; }
    const sip::Flow& flow() const { return flow_; }
    bridge::SideState state() const;

  private:
    void open_server(Instant now);
    std::string page_url() const;
    bridge::page::SideSettings side_settings() const;
    bridge::page::ChromeSettings chrome_settings() const;
    DevToolsLink::Handlers link_handlers();

    template <class Action>
    void at_chrome(Action&& action);
    template <class Action>
    void at_side(Action&& action);
    void perform(const bridge::page::ChromeErrand& errand);
    void perform(const bridge::page::ChromeEvent& event);
    void perform(const bridge::page::CommandRequest& request);
    void take_said(const std::string& text);
    void ask_page(const bridge::page::CommandRequest& request);
    void do_here(const bridge::page::CommandRequest& request);
    bridge::page::CommandAnswer describe_here(const bridge::page::Command& command);
    void answer(bridge::page::CommandId id, const bridge::page::CommandAnswer& answer);
    PageVoice::Handlers voice_handlers();
    void signal(const std::string& notice);
    void take_advice(const net::HttpResponse& response);

    net::Shard& shard_;
    WallAnchor wall_;
    Random& random_;
    bridge::PageAccount account_;
    ToEngine to_engine_;
    sip::Flow flow_;
    std::string token_;  // of the WebSocket's path
    bridge::page::Side side_;
    bridge::page::RemoteChrome chrome_;
    DevToolsLink link_;
    std::unique_ptr<PageServer> server_;
    std::string server_failure_;
    std::optional<Instant> server_again_;
    std::unique_ptr<PageVoice> voice_;  // while the audio comes by frames
    bool voice_is_done_ = false;        // destroyed at the next tick: never by itself
    std::map<std::int64_t, bridge::page::CommandId> asked_;
    net::HttpPool helper_;
    std::list<net::Operation> signals_;
    bool is_retired_ = false;
    bool is_started_ = false;
};

}  // namespace patchbay::app
