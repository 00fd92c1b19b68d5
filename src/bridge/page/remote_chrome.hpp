// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "bridge/page/devtools.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::bridge::page {

struct ChromeSettings {
    std::string url;     // chromeRemoteURL: ws or http, with or without a path; empty: the helper's
    std::string helper;  // nodeRemoteHelper, without a slash behind; empty: none
    std::string page_url;              // where the page is
    std::string binding;               // by which the page speaks
    std::vector<std::string> scripts;  // in the page before its own

    friend bool operator==(const ChromeSettings&, const ChromeSettings&) = default;
};

// What somebody with sockets is asked for; each is answered by the member of its name.
struct StartBrowser {
    std::string helper;
};
struct FindBrowser {
    std::string url;  // http://host:port/json/version
};
struct ConnectBrowser {
    std::string url;  // ws://host:port/devtools/browser/...
};
struct DisconnectBrowser {};
using ChromeErrand = std::variant<StartBrowser, FindBrowser, ConnectBrowser, DisconnectBrowser>;

// What became of the page.
struct PageAttached {};
struct PageLost {
    std::string words;
};
struct PageSaid {
    std::string text;
};
// An answer to ask().
struct PageAnswered {
    std::int64_t id = 0;
    std::string value;
    std::string error;
};
using ChromeEvent = std::variant<PageAttached, PageLost, PageSaid, PageAnswered>;

struct ChromeOutputs {
    std::vector<ChromeErrand> errands;
    std::vector<devtools::Request> requests;
    std::vector<ChromeEvent> events;
};

// One tab of a remote Chrome, found or opened, with our scripts in it; and found again, from the
// very beginning, whenever Chrome, the tab or the way to them goes: the address of a browser
// changes with each of its starts, so that it is asked for each time.
//
//   resting -> starting (with a helper) -> finding -> connecting -> attaching -> attached
//
// An engine: sockets and JSON are elsewhere. Belongs to one shard.
class RemoteChrome {
  public:
    explicit RemoteChrome(ChromeSettings settings) : settings_(std::move(settings)) {}

    void start(Instant now, ChromeOutputs& out);
    // Closes the tab that we opened, and rests for good.
    void stop(Instant now, ChromeOutputs& out);

    // Of the errands. `found` is the browser's own word for its address; a failure has words.
    void started(Instant now, const std::string& found, std::string words, ChromeOutputs& out);
    void found(Instant now, const std::string& found, std::string words, ChromeOutputs& out);
    void connected(Instant now, ChromeOutputs& out);
    void disconnected(Instant now, const std::string& words, ChromeOutputs& out);
    void handle_message(Instant now, const devtools::Message& message, ChromeOutputs& out);
    void handle_timeout(Instant now, ChromeOutputs& out);
    std::optional<Instant> next_timeout() const { return deadline_; }

    // Evaluates in the page; nothing where there is none. PageAnswered follows, or PageLost.
    std::optional<std::int64_t> ask(std::string expression, ChromeOutputs& out);
    void tell(std::string expression, ChromeOutputs& out);

    const ChromeSettings& settings() const { return settings_; }
    bool is_attached() const { return state_ == State::Attached; }
    bool is_connected() const { return state_ >= State::Attaching; }
    const std::optional<std::string>& helper_error() const { return helper_error_; }
    std::optional<bool> helper_reachable() const { return helper_reachable_; }

  private:
    enum class State : std::uint8_t { Resting, Starting, Finding, Connecting, Attaching, Attached };
    enum class Step : std::uint8_t { FindTab, OpenTab, Attach, Prepare, Load, Ask, Other };

    void enter_starting(Instant now, ChromeOutputs& out);
    void enter_finding(Instant now, ChromeOutputs& out);
    void enter_connecting(Instant now, std::string url, ChromeOutputs& out);
    void enter_resting(Instant now, const std::string& words, ChromeOutputs& out);
    void handle(Instant now, const devtools::Reply& reply, ChromeOutputs& out);
    void handle(Instant now, const devtools::Event& event, ChromeOutputs& out);
    void choose_tab(Instant now, const std::vector<devtools::Target>& targets, ChromeOutputs& out);
    void attach(std::string target, ChromeOutputs& out);
    void prepare(std::string session, ChromeOutputs& out);
    void load(ChromeOutputs& out);
    std::int64_t send(Step step, std::string session, devtools::Method method, ChromeOutputs& out);

    ChromeSettings settings_;
    State state_ = State::Resting;
    bool is_stopped_ = true;
    std::optional<Instant> deadline_;
    Nanoseconds pause_{0};
    std::string started_url_;  // as the helper said
    std::optional<std::string> helper_error_;
    std::optional<bool> helper_reachable_;
    std::map<std::int64_t, Step> asked_;
    std::int64_t next_id_ = 1;
    std::string target_;
    bool is_ours_ = false;  // the tab: we opened it
    bool has_crashed_ = false;
    std::string session_;
    std::size_t preparing_ = 0;  // answers that are to come before the page is loaded
};

// Where the browser of `found`, its own ws: URL, is reached: at the host and port of `given`,
// because a proxy changes them. Of `given` alone: what it says itself.
std::string browser_url(std::string_view given, std::string_view found);
// Of a ws: or http: URL, that of GET /json/version.
std::string version_url(std::string_view given);
// "https://host:port"; empty where there is none.
std::string origin_of(std::string_view url);

}  // namespace patchbay::bridge::page
