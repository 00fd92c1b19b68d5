// SPDX-License-Identifier: Apache-2.0
#include "app/page/line.hpp"

#include "api/bridge/devtools_json.hpp"
#include "api/bridge/helper_json.hpp"
#include "api/bridge/page_json.hpp"
#include "app/page/files.hpp"
#include "base/overloaded.hpp"
#include "bridge/limits.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>
#include <variant>

namespace patchbay::app {
namespace {

namespace page = bridge::page;

constexpr std::string_view kBinding = "patchbayTell";

IpAddress address_of(const bridge::PageAccount& account) {
    return account.address.value_or(IpAddress::v4(127, 0, 0, 1));
}

std::string authority_of(const bridge::PageAccount& account) {
    return SocketAddress{address_of(account), account.port}.to_string();
}

std::string adapter_text(const bridge::PageSettings& settings) {
    const std::string_view ours = bridge::adapter_of(settings);
    return ours.empty() ? settings.script : page_text(fmt::format("/page/{}_adapter.js", ours));
}

// In the page's origin and its top frame only, as bridge.js itself.
std::string guarded(std::string_view adapter) {
    return fmt::format("if (window === window.top && window.patchbay) {{\n{}\n}}\n", adapter);
}

}  // namespace

PageLine::PageLine(net::Shard& shard,
                   WallAnchor wall,
                   Random& random,
                   bridge::PageAccount account,
                   ToEngine to_engine)
    : shard_(shard),
      wall_(wall),
      random_(random),
      account_(std::move(account)),
      to_engine_(std::move(to_engine)),
      flow_(bridge::flow_to_side(account_.bridge)),
      token_(random.uuid()),
      side_(side_settings(), random),
      chrome_(chrome_settings()),
      link_(shard, link_handlers()),
      helper_(shard) {}

page::SideSettings PageLine::side_settings() const {
    return {.bridge = account_.bridge,
            .address = account_.address,
            .audio = account_.page.audio,
            .takes_calls = !is_retired_};
}

std::string PageLine::page_url() const {
    return account_.page.url.empty() ? "http://" + authority_of(account_) + "/" : account_.page.url;
}

page::ChromeSettings PageLine::chrome_settings() const {
    const std::string url = page_url();
    const std::string script = api::bridge::with_settings(
        page_text("/page/bridge.js"),
        {.binding = std::string(kBinding),
         .origin = page::origin_of(url),
         .socket = fmt::format("ws://{}/audio/{}", authority_of(account_), token_),
         .elements = account_.page.elements});
    return {.url = account_.chrome_url,
            .helper = account_.helper_url,
            .page_url = url,
            .binding = std::string(kBinding),
            .scripts = {script, guarded(adapter_text(account_.page))}};
}

// Another Chrome, page or adapter begins anew, and ends the page's call; other settings do not.
void PageLine::use(bridge::PageAccount account) {
    const Instant now = shard_.now();
    const bool moved = account.port != account_.port || account.address != account_.address;
    account_ = std::move(account);
    is_retired_ = false;
    side_.use(side_settings());
    if (moved || !server_) {
        server_.reset();
        open_server(now);
    }
    page::ChromeSettings settings = chrome_settings();
    if (is_started_ && chrome_.settings() == settings) {
        return;
    }
    at_chrome([&](page::ChromeOutputs& out) {
        if (std::exchange(is_started_, true)) {
            chrome_.stop(now, out);
        }
    });
    at_side([&](page::SideOutputs& out) {
        if (side_.calls() != 0) {
            side_.page_lost(now, "another page is configured", out);
        }
    });
    chrome_ = page::RemoteChrome(std::move(settings));
    at_chrome([&](page::ChromeOutputs& out) { chrome_.start(now, out); });
}

void PageLine::retire() {
    is_retired_ = true;
    side_.use(side_settings());
    if (side_.calls() == 0 && std::exchange(is_started_, false)) {
        at_chrome([&](page::ChromeOutputs& out) { chrome_.stop(shard_.now(), out); });
        server_.reset();
    }
}

void PageLine::open_server(Instant now) {
    server_again_.reset();
    server_ = std::make_unique<PageServer>(shard_, token_, [this](ByteView frames) {
        if (voice_) {
            voice_->say(frames);
        }
    });
    const auto bound = server_->listen({address_of(account_), account_.port});
    server_failure_.clear();
    if (!bound) {
        server_failure_ = fmt::format("wasmServerPort {} cannot be had: {}", account_.port,
                                      describe(bound.error()));
        spdlog::warn("bridge '{}': {}", account_.bridge, server_failure_);
        server_again_ = now + bridge::kHouseKeeping;
    }
}

DevToolsLink::Handlers PageLine::link_handlers() {
    DevToolsLink::Handlers handlers;
    handlers.started = [this](const std::string& url, std::string words) {
        at_chrome([&](page::ChromeOutputs& out) {
            chrome_.started(shard_.now(), url, std::move(words), out);
        });
    };
    handlers.found = [this](const std::string& url, std::string words) {
        at_chrome([&](page::ChromeOutputs& out) {
            chrome_.found(shard_.now(), url, std::move(words), out);
        });
    };
    handlers.connected = [this] {
        at_chrome([&](page::ChromeOutputs& out) { chrome_.connected(shard_.now(), out); });
    };
    handlers.disconnected = [this](const std::string& words) {
        at_chrome(
            [&](page::ChromeOutputs& out) { chrome_.disconnected(shard_.now(), words, out); });
    };
    handlers.message = [this](std::string_view text) {
        const auto message = text.size() <= page::kMessage
                                 ? api::bridge::read_devtools(text)
                                 : wire::undecodable("too long", Errc::TooLarge);
        if (message) {
            at_chrome([&](page::ChromeOutputs& out) {
                chrome_.handle_message(shard_.now(), *message, out);
            });
        }
    };
    return handlers;
}

template <class Action>
void PageLine::at_chrome(Action&& action) {
    page::ChromeOutputs out;
    action(out);
    for (const page::devtools::Request& request : out.requests) {
        link_.send(api::bridge::write_devtools(request));
    }
    for (const page::ChromeErrand& errand : out.errands) {
        perform(errand);
    }
    for (const page::ChromeEvent& event : out.events) {
        perform(event);
    }
}

template <class Action>
void PageLine::at_side(Action&& action) {
    page::SideOutputs out;
    const auto trouble = side_.state().last_error;
    action(out);
    if (const auto now = side_.state().last_error; now && now != trouble) {
        spdlog::warn("bridge '{}': {}", account_.bridge, *now);
    }
    for (const page::CommandRequest& request : out.commands) {
        perform(request);
    }
    for (std::string& message : out.messages) {
        to_engine_(shard_.now(), flow_, std::move(message));
    }
}

void PageLine::perform(const page::ChromeErrand& errand) {
    std::visit(Overloaded{
                   [&](const page::StartBrowser& one) {
                       link_.start_browser(one.helper, account_.page.helper_token, account_.bridge);
                   },
                   [&](const page::FindBrowser& one) { link_.find_browser(one.url); },
                   [&](const page::ConnectBrowser& one) { link_.connect(one.url); },
                   [&](const page::DisconnectBrowser&) { link_.disconnect(); },
               },
               errand);
}

void PageLine::perform(const page::ChromeEvent& event) {
    std::visit(Overloaded{
                   [&](const page::PageAttached&) { side_.page_attached(shard_.now()); },
                   [&](const page::PageLost& lost) {
                       asked_.clear();
                       at_side([&](page::SideOutputs& out) {
                           side_.page_lost(shard_.now(), lost.words, out);
                       });
                   },
                   [&](const page::PageSaid& said) { take_said(said.text); },
                   [&](const page::PageAnswered& answered) {
                       const auto found = asked_.find(answered.id);
                       if (found == asked_.end()) {
                           return;
                       }
                       const page::CommandId id = found->second;
                       asked_.erase(found);
                       page::CommandAnswer one = answered.error.empty()
                                                     ? api::bridge::read_page_answer(answered.value)
                                                     : page::CommandAnswer{};
                       if (!answered.error.empty()) {
                           one.error = answered.error;
                       }
                       answer(id, one);
                   },
               },
               event);
}

void PageLine::take_said(const std::string& text) {
    const auto notice = api::bridge::read_page_notice(text);
    if (!notice) {
        spdlog::debug("bridge '{}': the page says what nobody understands: {}", account_.bridge,
                      describe(notice.error()));
        return;
    }
    if (const auto* frames = std::get_if<page::AudioFrames>(&*notice)) {
        if (voice_) {
            voice_->say(frames->samples);
        }
        return;
    }
    at_side([&](page::SideOutputs& out) { side_.handle_notice(shard_.now(), *notice, out); });
    signal(text);
}

// What is the audio's where it comes by frames is done here, all else in the page.
void PageLine::perform(const page::CommandRequest& request) {
    using Kind = page::CommandKind;
    const Kind kind = request.command.kind;
    const bool is_audio = kind == Kind::OfferAudio || kind == Kind::AnswerAudio ||
                          kind == Kind::TakeAnswer || kind == Kind::PressKeys;
    if (kind == Kind::CloseAudio) {
        voice_is_done_ = true;
    }
    if (is_audio && request.command.way == page::AudioWay::Frames) {
        return do_here(request);
    }
    ask_page(request);
}

void PageLine::ask_page(const page::CommandRequest& request) {
    std::optional<std::int64_t> asked;
    at_chrome([&](page::ChromeOutputs& out) {
        asked = chrome_.ask(api::bridge::write_page_command(request.command), out);
    });
    if (asked) {
        asked_[*asked] = request.id;
    }
}

void PageLine::do_here(const page::CommandRequest& request) {
    answer(request.id, describe_here(request.command));
}

page::CommandAnswer PageLine::describe_here(const page::Command& command) {
    using Kind = page::CommandKind;
    const Instant now = shard_.now();
    page::CommandAnswer answer;
    const auto note = [&](const auto& result) {
        if (!result) {
            answer.error = describe(result.error());
        }
    };
    if (command.kind == Kind::PressKeys || command.kind == Kind::TakeAnswer) {
        if (!voice_) {
            answer.error = "there is no audio";
        } else if (command.kind == Kind::PressKeys) {
            note(voice_->press(command.digits));
        } else {
            note(voice_->take_answer(now, command.sdp));
        }
        return answer;
    }
    voice_ = std::make_unique<PageVoice>(shard_, wall_, random_, voice_handlers());
    voice_is_done_ = false;
    at_chrome(
        [&](page::ChromeOutputs& out) { chrome_.tell(api::bridge::write_open_frames(), out); });
    auto description =
        command.kind == Kind::OfferAudio ? voice_->offer(now) : voice_->answer(now, command.sdp);
    note(description);
    answer.sdp = description ? std::move(*description) : std::string();
    return answer;
}

void PageLine::answer(page::CommandId id, const page::CommandAnswer& answer) {
    at_side([&](page::SideOutputs& out) { side_.handle_answer(shard_.now(), id, answer, out); });
}

PageVoice::Handlers PageLine::voice_handlers() {
    PageVoice::Handlers handlers;
    handlers.heard = [this](ByteView samples) {
        if (server_ && server_->is_connected()) {
            return server_->send(samples);
        }
        at_chrome([&](page::ChromeOutputs& out) {
            chrome_.tell(api::bridge::write_page_frames(samples), out);
        });
    };
    handlers.key = [this](char key) {
        at_side([&](page::SideOutputs& out) {
            side_.handle_notice(shard_.now(), page::HeardKeys{std::string(1, key)}, out);
        });
    };
    handlers.state = [this](bool connected) {
        at_side([&](page::SideOutputs& out) {
            side_.handle_notice(shard_.now(), page::AudioState{connected}, out);
        });
    };
    return handlers;
}

void PageLine::signal(const std::string& notice) {
    if (account_.helper_url.empty() || signals_.size() >= page::kWaiting) {
        return;
    }
    net::HttpFetch request;
    request.method = net::HttpMethod::Post;
    request.url = account_.helper_url + "/signal";
    request.time = page::kErrandTime;
    request.body_limit = page::kMessage;
    request.fields.set("Content-Type", "application/json");
    if (account_.page.helper_token) {
        request.fields.set("Authorization", "Bearer " + account_.page.helper_token->reveal());
    }
    request.body = api::bridge::write_signal(account_.bridge, notice);
    const auto place = signals_.emplace(signals_.end());
    *place =
        helper_.send(std::move(request), [this, place](const Result<net::HttpResponse>& response) {
            const net::Operation done = std::move(*place);
            signals_.erase(place);
            if (response && response->status == 200) {
                take_advice(*response);
            }
        });
}

void PageLine::take_advice(const net::HttpResponse& response) {
    const auto commands = api::bridge::read_signal_answer(response.body);
    if (!commands) {
        return;
    }
    at_chrome([&](page::ChromeOutputs& out) {
        for (const page::Command& command : *commands) {
            chrome_.tell(api::bridge::write_page_command(command), out);
        }
    });
}

void PageLine::handle_message(Instant now, ByteView message) {
    at_side([&](page::SideOutputs& out) { side_.handle_message(now, message, out); });
}

void PageLine::handle_timeout(Instant now) {
    if (server_again_ && *server_again_ <= now) {
        open_server(now);
    }
    at_chrome([&](page::ChromeOutputs& out) { chrome_.handle_timeout(now, out); });
    at_side([&](page::SideOutputs& out) { side_.handle_timeout(now, out); });
    if (is_retired_) {
        retire();
    }
}

std::optional<Instant> PageLine::next_timeout() const {
    return earlier(earlier(side_.next_timeout(), chrome_.next_timeout()), server_again_);
}

void PageLine::tick(Instant now) {
    if (std::exchange(voice_is_done_, false)) {
        voice_.reset();
    }
    if (voice_) {
        voice_->tick(now);
    }
}

bridge::SideState PageLine::state() const {
    bridge::SideState state = side_.state();
    state.browser_reachable = chrome_.is_connected();
    state.helper_reachable = chrome_.helper_reachable();
    state.helper_error = chrome_.helper_error();
    if (!state.last_error && !server_failure_.empty()) {
        state.last_error = server_failure_;
    }
    return state;
}

}  // namespace patchbay::app
