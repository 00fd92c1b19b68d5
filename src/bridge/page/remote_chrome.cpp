// SPDX-License-Identifier: Apache-2.0
#include "bridge/page/remote_chrome.hpp"

#include "base/overloaded.hpp"
#include "bridge/limits.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::bridge::page {
namespace {

std::string rooted(const net::Url& url, std::string_view scheme, std::string_view target) {
    return std::string(scheme) + (url.secure() ? "s" : "") + "://" + url.authority +
           std::string(target);
}

}  // namespace

std::string browser_url(std::string_view given, std::string_view found) {
    const auto own = net::parse_url(found);
    const auto at = net::parse_url(given.empty() ? found : given);
    return own && at ? rooted(*at, "ws", own->target) : std::string();
}

std::string version_url(std::string_view given) {
    const auto url = net::parse_url(given);
    return url ? rooted(*url, "http", "/json/version") : std::string();
}

std::string origin_of(std::string_view url) {
    const auto parsed = net::parse_url(url);
    return parsed ? parsed->scheme + "://" + parsed->authority : std::string();
}

void RemoteChrome::start(Instant now, ChromeOutputs& out) {
    is_stopped_ = false;
    enter_starting(now, out);
}

void RemoteChrome::stop(Instant /*now*/, ChromeOutputs& out) {
    if (is_connected() && is_ours_) {
        send(Step::Other, {}, devtools::CloseTarget{target_}, out);
    }
    is_stopped_ = true;
    state_ = State::Resting;
    deadline_.reset();
    out.errands.emplace_back(DisconnectBrowser{});
}

void RemoteChrome::enter_starting(Instant now, ChromeOutputs& out) {
    started_url_.clear();
    if (settings_.helper.empty()) {
        return enter_finding(now, out);
    }
    state_ = State::Starting;
    deadline_ = now + 2 * kErrandTime;  // a browser takes its time
    out.errands.emplace_back(StartBrowser{settings_.helper});
}

// A helper that is missing is no reason not to look for the browser by oneself.
void RemoteChrome::started(Instant now,
                           const std::string& found,
                           std::string words,
                           ChromeOutputs& out) {
    if (state_ != State::Starting) {
        return;
    }
    helper_reachable_ = words.empty();
    helper_error_ = words.empty() ? std::nullopt : std::optional(std::move(words));
    started_url_ = found;
    if (found.empty() && settings_.url.empty()) {
        return enter_resting(now, helper_error_.value_or("the helper has started no browser"), out);
    }
    if (!found.empty()) {
        return enter_connecting(now, browser_url(settings_.url, found), out);
    }
    enter_finding(now, out);
}

void RemoteChrome::enter_finding(Instant now, ChromeOutputs& out) {
    state_ = State::Finding;
    deadline_ = now + kErrandTime;
    out.errands.emplace_back(FindBrowser{version_url(settings_.url)});
}

// What cannot be asked for, behind a proxy that passes WebSockets only, is taken as it is written.
void RemoteChrome::found(Instant now,
                         const std::string& found,
                         std::string words,
                         ChromeOutputs& out) {
    if (state_ != State::Finding) {
        return;
    }
    const auto given = net::parse_url(settings_.url);
    const bool has_path = given && given->target.find("/devtools/") != std::string::npos;
    if (found.empty() && !has_path) {
        return enter_resting(now, words, out);
    }
    enter_connecting(now, browser_url(settings_.url, found.empty() ? settings_.url : found), out);
}

void RemoteChrome::enter_connecting(Instant now, std::string url, ChromeOutputs& out) {
    state_ = State::Connecting;
    deadline_ = now + kErrandTime;
    out.errands.emplace_back(ConnectBrowser{std::move(url)});
}

void RemoteChrome::connected(Instant now, ChromeOutputs& out) {
    if (state_ != State::Connecting) {
        return;
    }
    state_ = State::Attaching;
    deadline_ = now + kAttachTime;
    send(Step::Other, {}, devtools::DiscoverTargets{}, out);
    send(Step::FindTab, {}, devtools::GetTargets{}, out);
}

void RemoteChrome::disconnected(Instant now, const std::string& words, ChromeOutputs& out) {
    if (state_ != State::Resting) {
        enter_resting(now, words, out);
    }
}

// The wait for the next try, each time twice as long.
void RemoteChrome::enter_resting(Instant now, const std::string& words, ChromeOutputs& out) {
    if (state_ == State::Attached) {
        pause_ = {};
    }
    state_ = State::Resting;
    pause_ = std::clamp<Nanoseconds>(2 * pause_, kFirstPause, kLongestPause);
    deadline_ = now + pause_;
    asked_.clear();
    session_.clear();
    out.errands.emplace_back(DisconnectBrowser{});
    out.events.emplace_back(PageLost{words});
}

void RemoteChrome::handle_timeout(Instant now, ChromeOutputs& out) {
    if (!deadline_ || now < *deadline_) {
        return;
    }
    deadline_.reset();
    switch (state_) {
        case State::Resting: return enter_starting(now, out);
        case State::Starting: return started(now, {}, "the helper does not answer", out);
        case State::Finding: return found(now, {}, "Chrome does not answer", out);
        case State::Connecting:
        case State::Attaching: return enter_resting(now, "Chrome does not answer", out);
        case State::Attached: return;
    }
}

void RemoteChrome::handle_message(Instant now,
                                  const devtools::Message& message,
                                  ChromeOutputs& out) {
    if (is_connected()) {
        std::visit([&](const auto& one) { handle(now, one, out); }, message);
    }
}

void RemoteChrome::handle(Instant now, const devtools::Reply& reply, ChromeOutputs& out) {
    const auto found = asked_.find(reply.id);
    if (found == asked_.end()) {
        return;
    }
    const Step step = found->second;
    asked_.erase(found);
    if (step == Step::Ask) {
        out.events.emplace_back(PageAnswered{reply.id, reply.value, reply.error});
        return;
    }
    // Some builds of Chrome know fewer permissions; the page finds out by itself.
    const bool is_optional = step == Step::Other || step == Step::Prepare;
    if (!reply.error.empty() && !is_optional) {
        return enter_resting(now,
                             step == Step::Load ? "the page cannot be loaded: " + reply.error
                                                : "Chrome gives no tab: " + reply.error,
                             out);
    }
    switch (step) {
        case Step::FindTab: return choose_tab(now, reply.targets, out);
        case Step::OpenTab: return attach(reply.target, out);
        case Step::Attach: return prepare(reply.session, out);
        case Step::Prepare: return --preparing_ == 0 ? load(out) : void();
        case Step::Load:
            state_ = State::Attached;
            deadline_.reset();
            return;
        case Step::Ask:
        case Step::Other: return;
    }
}

// A tab that is there already keeps a session that a person has logged in.
void RemoteChrome::choose_tab(Instant /*now*/,
                              const std::vector<devtools::Target>& targets,
                              ChromeOutputs& out) {
    if (std::exchange(has_crashed_, false) && !target_.empty()) {
        send(Step::Other, {}, devtools::CloseTarget{target_}, out);
    } else {
        const auto open = std::ranges::find_if(targets, [&](const devtools::Target& one) {
            return one.type == "page" && one.url.starts_with(settings_.page_url);
        });
        if (open != targets.end()) {
            is_ours_ = is_ours_ && open->id == target_;
            return attach(open->id, out);
        }
    }
    is_ours_ = true;
    send(Step::OpenTab, {}, devtools::CreateTarget{"about:blank"}, out);
}

void RemoteChrome::attach(std::string target, ChromeOutputs& out) {
    target_ = std::move(target);
    send(Step::Attach, {}, devtools::AttachToTarget{target_}, out);
}

void RemoteChrome::prepare(std::string session, ChromeOutputs& out) {
    session_ = std::move(session);
    preparing_ = 0;
    const auto ask = [&](std::string of, devtools::Method method) {
        ++preparing_;
        send(Step::Prepare, std::move(of), std::move(method), out);
    };
    ask(session_, devtools::EnablePage{});
    ask(session_, devtools::EnableRuntime{});
    ask(session_, devtools::BypassPolicy{});
    ask({}, devtools::GrantPermissions{origin_of(settings_.page_url), {"audioCapture"}});
    ask(session_, devtools::AddBinding{settings_.binding});
    for (const std::string& script : settings_.scripts) {
        ask(session_, devtools::AddScript{script});
    }
}

// Not before Chrome has answered all of that: a new document may be another process's, which gets
// what was answered and nothing else. The page may speak before the answer to this.
void RemoteChrome::load(ChromeOutputs& out) {
    out.events.emplace_back(PageAttached{});
    send(Step::Load, session_, devtools::Navigate{settings_.page_url}, out);
}

void RemoteChrome::handle(Instant now, const devtools::Event& event, ChromeOutputs& out) {
    const bool is_our_page = (!session_.empty() && event.session == session_) ||
                             (!target_.empty() && event.target == target_);
    if (!is_our_page) {
        return;
    }
    switch (event.kind) {
        case devtools::EventKind::BindingCalled:
            if (event.name == settings_.binding) {
                out.events.emplace_back(PageSaid{event.payload});
            }
            return;
        case devtools::EventKind::Crashed:
            has_crashed_ = true;
            return enter_resting(now, "the page has crashed", out);
        case devtools::EventKind::Closed: return enter_resting(now, "the tab was closed", out);
        case devtools::EventKind::Other: return;
    }
}

std::optional<std::int64_t> RemoteChrome::ask(std::string expression, ChromeOutputs& out) {
    if (session_.empty()) {
        return std::nullopt;
    }
    return send(Step::Ask, session_, devtools::Evaluate{std::move(expression)}, out);
}

void RemoteChrome::tell(std::string expression, ChromeOutputs& out) {
    if (!session_.empty()) {
        out.requests.push_back(
            {next_id_++, session_,
             devtools::Evaluate{.expression = std::move(expression), .is_awaited = false}});
    }
}

std::int64_t RemoteChrome::send(Step step,
                                std::string session,
                                devtools::Method method,
                                ChromeOutputs& out) {
    const std::int64_t id = next_id_++;
    asked_[id] = step;
    out.requests.push_back({id, std::move(session), std::move(method)});
    return id;
}

}  // namespace patchbay::bridge::page
