// SPDX-License-Identifier: Apache-2.0
#include "app/terminal/call_client.hpp"

#include "app/terminal/control_client.hpp"
#include "app/terminal/event_text.hpp"
#include "app/terminal/terminal_keys.hpp"
#include "base/random.hpp"
#include "net/shard.hpp"
#include "net/signals.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <utility>

namespace patchbay::app {
namespace {

constexpr std::string_view kSayId = "say";
constexpr std::string_view kKeys = "0123456789*#ABCDabcd";

// One call at the terminal: what the person wants goes out as commands, events come in as lines.
class TerminalCall {
  public:
    TerminalCall(net::Shard& shard, CallOptions options)
        : shard_(shard),
          options_(std::move(options)),
          began_(shard.now()),
          client_(shard,
                  {.opened = [this] { invite(); },
                   .event = [this](const call::Event& event,
                                   std::string_view json) { handle(event, json); },
                   .closed = [this](const std::string& why) { end(why); }}) {}

    void start() {
        SystemRandom random;
        id_ = random.uuid();
        client_.open(options_.server, id_);
    }
    void press(char key) {
        if (answered_ && kKeys.find(key) != std::string_view::npos) {
            send(call::command::Dtmf{.digits = std::string(1, key)});
        }
    }
    // The first time the call ends in good order, the second time at once.
    void interrupt() {
        if (std::exchange(hanging_up_, true) || !invited_) {
            shard_.stop();
            return;
        }
        send(call::command::Hangup{});
    }
    bool was_answered() const { return answered_; }

  private:
    void invite() {
        invited_ = true;
        call::CallOption option;
        option.callee = options_.callee;
        if (!options_.caller.empty()) {
            option.caller = options_.caller;
        }
        if (!options_.record.empty()) {
            option.recorder = call::RecorderOption{.recorder_file = options_.record};
        }
        print("call " + id_ + "; type 0-9 * # to press keys, Ctrl-C to hang up");
        send(call::command::Invite{.option = std::move(option)});
    }
    void handle(const call::Event& event, std::string_view json) {
        if (options_.json) {
            std::printf("%.*s\n", static_cast<int>(json.size()), json.data());
            std::fflush(stdout);
        } else if (!std::holds_alternative<call::event::Ping>(event)) {
            print(describe(event));
        }
        if (std::holds_alternative<call::event::Answer>(event)) {
            answered_ = true;
            speak();
        } else if (const auto* track = std::get_if<call::event::TrackEnd>(&event)) {
            if (track->play_id && track->play_id->value() == kSayId) {
                play();
            }
        } else if (const auto* hangup = std::get_if<call::event::Hangup>(&event)) {
            if (!hangup->refer.value_or(false)) {
                over_ = true;
                shard_.stop();
            }
        }
    }
    void speak() {
        if (options_.say.empty()) {
            play();
            return;
        }
        call::command::Tts tts;
        tts.text = options_.say;
        tts.play_id = call::PlayId(std::string(kSayId));
        send(tts);
    }
    void play() {
        if (!options_.play.empty()) {
            send(call::command::Play{.url = std::exchange(options_.play, {})});
        }
    }
    void end(const std::string& why) {
        if (!over_) {
            std::fprintf(stderr, "patchbay call: %s\n", why.c_str());
        }
        shard_.stop();
    }
    void send(const call::Command& command) {
        print("> " + describe(command));
        client_.send(command);
    }
    void print(const std::string& text) const {
        if (options_.json) {
            return;
        }
        const auto at = whole_milliseconds(shard_.now() - began_);
        std::puts(fmt::format("{:>8} ms  {}", at.count(), text).c_str());
        std::fflush(stdout);
    }

    net::Shard& shard_;
    CallOptions options_;
    Instant began_;
    ControlClient client_;
    std::string id_;
    bool invited_ = false;
    bool answered_ = false;
    bool hanging_up_ = false;
    bool over_ = false;
};

}  // namespace

int run_call(const CallOptions& options) {
    net::Shard shard;
    TerminalCall call(shard, options);
    const net::Signals signals(shard, {SIGINT, SIGTERM}, [&](int) { call.interrupt(); });
    const TerminalKeys keys(shard, [&](char key) { call.press(key); });
    call.start();
    shard.run();
    return call.was_answered() ? 0 : 1;
}

}  // namespace patchbay::app
