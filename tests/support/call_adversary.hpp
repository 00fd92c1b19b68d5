// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/world.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::test {

// Plays everything around whole calls at once: clients who command anything at any time, phones
// that do anything, packets that are lost, repeated, changed and forged, and a clock that runs in
// between. What happens is chosen by the bytes of `choices`, so that a fuzzer can steer it and a
// seeded test can repeat it.
//
// At the end every call is closed and all time passes. Then no session, port or fault may be left,
// and every session must have said one hangup, as its last event.
class CallAdversary {
  public:
    explicit CallAdversary(ByteView choices) : choices_(choices), world_(options()) {
        world_.on_send = [this](const Datagram& datagram) { keep(datagram); };
    }

    // The first broken promise in words; empty when all were kept.
    std::string run() {
        while (position_ < choices_.size() && steps_ < kMaxSteps) {
            ++steps_;
            step();
        }
        finish();
        return verdict();
    }

  private:
    static constexpr int kMaxSteps = 120;
    static constexpr std::size_t kPhones = 3;
    static constexpr std::size_t kMaxCalls = 4;
    static constexpr std::size_t kKept = 32;

    static WorldOptions options() {
        WorldOptions options;
        options.phones = {{.keys = "1"}, {.answer_after = std::nullopt}, {.early_media = true}};
        options.exchange.transfers = call::TransferPolicy::Follow;
        return options;
    }

    std::size_t choose(std::size_t bound) {
        const std::size_t value = position_ < choices_.size() ? choices_[position_++] : 0;
        return value % bound;
    }

    void step() {
        switch (choose(8)) {
            case 0:
            case 1: return world_.run(Milliseconds(1 + choose(256) * choose(8)));
            case 2: return open_call();
            case 3:
            case 4: return command();
            case 5: return act_as_phone();
            case 6: return send_again();
            default: return forge_media();
        }
    }

    void open_call() {
        if (calls_.size() >= kMaxCalls) {
            return;
        }
        const std::string id = "call" + std::to_string(calls_.size());
        calls_.push_back(choose(4) == 0
                             ? world_.open(id)
                             : world_.dial({.callee = World::phone_uri(choose(kPhones))}, id));
    }
    void command() {
        if (calls_.empty()) {
            return;
        }
        namespace command = call::command;
        const std::vector<call::Command> commands{
            command::Tts{.text = "one two three",
                         .speaker = {},
                         .play_id = {},
                         .wait_input_timeout = {},
                         .option = {},
                         .cache_key = {}},
            command::Play{.url = "tone.wav", .play_id = {}, .wait_input_timeout = {}, .offset = {}},
            command::Play{
                .url = "missing.wav", .play_id = {}, .wait_input_timeout = {}, .offset = {}},
            command::Interrupt{},
            command::Pause{},
            command::Resume{},
            command::Mute{},
            command::Unmute{},
            command::Hold{},
            command::Unhold{},
            command::Dtmf{.digits = "1#", .refer = {}},
            command::Invite{.option = {.callee = World::phone_uri(0)}},
            command::Accept{},
            command::Reject{.reason = "no", .code = {}},
            command::Ringing{},
            command::Record{},
            command::Message{.body = "hello", .content_type = {}, .headers = {}, .refer = {}},
            command::Transfer{
                .callee = World::phone_uri(2), .target_session_id = {}, .headers = {}},
            command::Transfer{
                .callee = {}, .target_session_id = call::SessionId("call1"), .headers = {}},
            command::Hangup{}};
        const call::SessionKey session = calls_[choose(calls_.size())];
        if (choose(16) == 0) {
            return world_.close(session);
        }
        world_.command(session, commands[choose(commands.size())]);
    }
    void act_as_phone() {
        const std::size_t phone = choose(kPhones);
        const std::size_t what = choose(9);
        const auto direction = static_cast<sdp::Direction>(choose(4));
        if (what == 0) {
            static const std::vector<std::string> kUsers{"echo", "tone", "nobody"};
            if (!world_.phone(phone).in_call()) {
                world_.phone_calls(kUsers[choose(kUsers.size())], phone);
            }
            return;
        }
        world_.at_phone(
            [&](lab::PhoneEngine& engine, lab::PhoneOutputs& out) {
                switch (what) {
                    case 1: return engine.hang_up(world_.now(), out);
                    case 2: return engine.reoffer(world_.now(), direction, std::nullopt, out);
                    case 3: return engine.ask_for_offer(world_.now(), out);
                    case 4: return engine.press_by_info(world_.now(), '5', out);
                    case 6: return engine.send_text(world_.now(), "hello", out);
                    case 7: return transfer(engine, phone, out);
                    case 8: return take_over(engine, phone, out);
                    default: (void)engine.press("42"); return;
                }
            },
            phone);
    }
    // To a phone, to a party of the server's own, or to nobody.
    void transfer(lab::PhoneEngine& engine, std::size_t phone, lab::PhoneOutputs& out) {
        static const std::vector<std::string> kTargets{World::phone_uri(0),     World::phone_uri(2),
                                                       "sip:echo@192.0.2.1",    "sip:x@192.0.2.99",
                                                       "sip:x@nowhere.example", "tel:1"};
        const auto target = sip::Uri::parse(kTargets[choose(kTargets.size())]);
        engine.transfer(world_.now(), *target, dialog_of_another(phone), out);
    }
    // Calls the server in the place of another phone.
    void take_over(lab::PhoneEngine& engine, std::size_t phone, lab::PhoneOutputs& out) {
        const SocketAddress server{IpAddress::v4(192, 0, 2, 1), 5060};
        // A phone that is in a call refuses.
        (void)engine.call(world_.now(), "sip:server@192.0.2.1", server, out,
                          dialog_of_another(phone));
    }
    std::optional<sip::Replaces> dialog_of_another(std::size_t phone) {
        const auto dialog = world_.phone((phone + 1 + choose(2)) % kPhones).dialog();
        return dialog ? std::optional(dialog->as_seen_by_peer()) : std::nullopt;
    }
    // A datagram of before, to the same place, whole or with one byte changed.
    void send_again() {
        if (kept_.empty()) {
            return;
        }
        Datagram again = kept_[choose(kept_.size())];
        if (choose(2) == 0 && !again.bytes.empty()) {
            again.bytes[(choose(256) * 256 + choose(256)) % again.bytes.size()] =
                static_cast<char>(choose(256));
        }
        if (choose(4) == 0) {
            again.from = {IpAddress::v4(192, 0, 2, 99), 5060};
        }
        // A phone is ours, and takes no more than its own call; the server takes everything.
        if (again.to.ip == IpAddress::v4(192, 0, 2, 1)) {
            world_.inject(again.from, again.to, std::move(again.bytes));
        }
    }
    void forge_media() {
        std::string bytes(choose(64), '\0');
        for (char& byte : bytes) {
            byte = static_cast<char>(choose(256));
        }
        const auto port = static_cast<std::uint16_t>(20000 + choose(32));
        world_.inject({IpAddress::v4(192, 0, 2, static_cast<std::uint8_t>(10 + choose(3))), 4000},
                      {IpAddress::v4(192, 0, 2, 1), port}, std::move(bytes));
    }
    void keep(const Datagram& datagram) {
        if (kept_.size() == kKept) {
            kept_.pop_front();
        }
        kept_.push_back(datagram);
    }

    void finish() {
        world_.on_send = nullptr;
        for (const call::SessionKey session : calls_) {
            world_.close(session);
        }
        for (std::size_t phone = 0; phone < kPhones; ++phone) {
            world_.at_phone([&](lab::PhoneEngine& engine,
                                lab::PhoneOutputs& out) { engine.hang_up(world_.now(), out); },
                            phone);
        }
        // Calls of forged phones end when nobody acknowledges their 200, or when their media stays
        // away.
        world_.run_until([&] { return world_.exchange().session_count() == 0; }, Seconds(120));
    }

    std::string verdict() const {
        if (!world_.broken().empty()) {
            return "a broken invariant: " + world_.broken().front();
        }
        for (const auto& [session, history] : world_.histories()) {
            std::size_t hangups = 0;
            for (const auto& entry : history.events) {
                hangups += call::name_of(entry.event) == "hangup" ? 1 : 0;
            }
            const bool ended = history.ended.has_value();
            if (ended && (hangups != 1 || call::name_of(history.events.back().event) != "hangup")) {
                return "a call ended with " + std::to_string(hangups) + " hangups";
            }
            if (!ended && hangups != 0) {
                return "a hangup of a call that is still there";
            }
        }
        for (const call::SessionKey session : calls_) {
            const auto found = world_.histories().find(session);
            if (found == world_.histories().end() || !found->second.ended) {
                return "a call that was closed is still there";
            }
        }
        return {};
    }

    ByteView choices_;
    std::size_t position_ = 0;
    int steps_ = 0;
    World world_;
    std::vector<call::SessionKey> calls_;
    std::deque<Datagram> kept_;
};

}  // namespace patchbay::test
