// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/tone.hpp"
#include "media/tone_detector.hpp"
#include "sip/header.hpp"
#include "sip/message_writer.hpp"
#include "support/approval.hpp"
#include "support/ladder.hpp"
#include "support/stranger_voice.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::test {

// A call flow of an RFC, whole: the server and phones bob, carol and alice (and whoever the test
// adds) exchange real messages, the ladder must equal its golden file, tones are measured at both
// ends, and afterwards nothing is left. The server plays 440 Hz, bob 700 Hz, carol 900 Hz, alice
// 1100 Hz, strangers 500 Hz.
class CallFlow : public testing::Test {
  protected:
    static constexpr double kServerTone = 440;
    static constexpr double kBobTone = 700;
    static constexpr double kCarolTone = 900;
    static constexpr double kAliceTone = 1100;
    static constexpr double kStrangerTone = 500;
    static constexpr std::array kPhoneTones = {kBobTone, kCarolTone, kAliceTone};

    // Phones of a behaviour each; without any, bob and carol answer after 200 ms.
    void begin(WorldOptions options = {}) {
        if (options.phones.size() < 2) {
            options.phones.resize(2);
        }
        const std::size_t phones = options.phones.size();
        world_ = std::make_unique<World>(std::move(options));
        ladder_.name(IpAddress::v4(192, 0, 2, 1), "server");
        constexpr std::array<const char*, 3> kNames = {"bob", "carol", "alice"};
        for (std::size_t i = 0; i < std::min(kNames.size(), phones); ++i) {
            ladder_.name(IpAddress::v4(192, 0, 2, static_cast<std::uint8_t>(10 + i)), kNames[i]);
            world().phone(i).play(tone(kPhoneTones[i]));
        }
    }
    // A route of callers whom nobody asks who they are.
    static call::Route row(std::string_view callee, call::Destination destination) {
        return {.name = "row",
                .callee = call::Pattern::compile(callee).value(),
                .anyone = true,
                .destination = std::move(destination)};
    }
    // Bob calls; carol, alice and the stranger dave stand behind the trunks of their names.
    static WorldOptions between_phones(std::vector<call::Route> rows) {
        WorldOptions options{.phones = {{}, {}, {}}};
        call::RouteTable::Settings table;
        table.routes = std::move(rows);
        options.exchange.routes = std::make_shared<const call::RouteTable>(std::move(table));
        call::Trunks trunks;
        for (const auto& [name, address] :
             {std::pair("carol", "192.0.2.11"), std::pair("alice", "192.0.2.12"),
              std::pair("dave", "192.0.2.60")}) {
            trunks.emplace_back();
            trunks.back().name = name;
            trunks.back().addresses = {{address, 0, sip::Transport::Udp}};
        }
        auto& gate = options.exchange.services.gate;
        gate.trunks = std::make_shared<const call::Trunks>(std::move(trunks));
        gate.hosts = {"192.0.2.1"};
        return options;
    }
    World& world() {
        if (!world_) {
            begin();
        }
        return *world_;
    }
    static std::unique_ptr<media::FrameSource> tone(double frequency) {
        return std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = frequency});
    }

    // The server calls, records what it hears, and plays its tone.
    call::SessionKey dial(std::size_t phone = 0, const std::string& id = "call") {
        return dial_uri(World::phone_uri(phone), id);
    }
    call::SessionKey dial_uri(const std::string& callee, const std::string& id = "call") {
        call::CallOption option;
        option.callee = callee;
        return dial_with(std::move(option), id);
    }
    call::SessionKey dial_with(call::CallOption option, const std::string& id = "call") {
        option.recorder = call::RecorderOption{};
        const call::SessionKey session = world().dial(std::move(option), id);
        world().command(session, call::command::Play{.url = "tone.wav"});
        return session;
    }
    call::SessionKey dial_and_answer(std::size_t phone = 0, const std::string& id = "call") {
        const call::SessionKey session = dial(phone, id);
        EXPECT_TRUE(world().run_until([&] { return world().happened(session, "answer"); }));
        world().run(Seconds(2));
        return session;
    }
    void at_phone(std::size_t phone,
                  const std::function<void(lab::PhoneEngine&, Instant, lab::PhoneOutputs&)>& act) {
        world().at_phone([&](lab::PhoneEngine& engine,
                             lab::PhoneOutputs& out) { act(engine, world().now(), out); },
                         phone);
    }
    void hang_up_phone(std::size_t phone = 0) {
        at_phone(phone, [](auto& engine, Instant now, auto& out) { engine.hang_up(now, out); });
        world().run(Seconds(1));
    }
    void hang_up(call::SessionKey session) {
        world().command(session, call::command::Hangup{});
        world().run(Seconds(1));
    }
    void hold_by_phone(sdp::Direction direction, std::size_t phone = 0) {
        at_phone(phone, [&](auto& engine, Instant now, auto& out) {
            engine.reoffer(now, direction, std::nullopt, out);
        });
        world().run(Seconds(2));
    }

    // The strongest tone of the last half second, in whole hertz; 0 for silence.
    static int tone_in(const std::vector<std::int16_t>& samples) {
        constexpr std::size_t kHalfSecond = 8000;
        if (samples.size() < kHalfSecond) {
            return 0;
        }
        const auto found = media::find_tone(std::span(samples).last(kHalfSecond), 16000);
        return found && found->level > -50 ? static_cast<int>(found->frequency + 0.5) : 0;
    }
    int heard_by_phone(std::size_t phone = 0) { return tone_in(world().phone_audio(phone).left); }
    int heard_by_server(call::SessionKey session) {
        const auto& recording = world().history(session).recording;
        return recording ? tone_in(recording->left) : 0;
    }
    // Both ends hear each other now.
    void expect_tones(call::SessionKey session, std::size_t phone = 0) {
        world().run(Seconds(1));
        EXPECT_NEAR(heard_by_phone(phone), kServerTone, 2);
        EXPECT_NEAR(heard_by_server(session), kPhoneTones[phone], 2);
    }
    // Two phones hear each other now.
    void expect_joined(std::size_t one, std::size_t other) {
        world().run(Seconds(1));
        EXPECT_NEAR(heard_by_phone(one), kPhoneTones[other], 2);
        EXPECT_NEAR(heard_by_phone(other), kPhoneTones[one], 2);
    }

    void expect_ladder(std::string_view name) {
        EXPECT_TRUE(is_approved("tests/golden/ladders/" + std::string(name) + ".txt",
                                ladder_.render(world())));
    }
    // No session, dialog, port or timer; whatever repeats its last message may finish first. Of
    // registrations a timer remains.
    void expect_nothing_left() {
        world().drop = nullptr;
        world().run(Seconds(70));
        EXPECT_EQ(world().exchange().session_count(), 0U);
        EXPECT_EQ(world().open_ports(), 0U);
        EXPECT_TRUE(!world().exchange().next_timeout() ||
                    !world().exchange().accounts(world().now()).empty());
        EXPECT_THAT(world().broken(), testing::IsEmpty());
    }
    // After every flow, so that none can forget it.
    void TearDown() override {
        if (world_) {
            expect_nothing_left();
        }
    }

    // --- strangers: user agents that say what the test tells them

    static constexpr std::string_view kStranger = "192.0.2.60";
    static SocketAddress server() { return {IpAddress::v4(192, 0, 2, 1), 5060}; }
    static SocketAddress stranger() { return {IpAddress::v4(192, 0, 2, 60), 5060}; }
    // Keeps what comes to the stranger, and lets the test answer.
    void add_stranger(std::string label = "dave") {
        ladder_.name(stranger().ip, std::move(label));
        world().add_stranger(stranger().ip, [this](const Datagram& datagram) {
            if (datagram.to.port != stranger().port) {
                hear_as_stranger(datagram);
            } else if (auto message = sip::Message::parse(datagram.bytes)) {
                received_.push_back(std::move(*message));
                if (on_message_) {
                    on_message_(received_.back());
                }
            }
        });
    }
    void hear_as_stranger(const Datagram& datagram) {
        if (auto said = stranger_voice_.reply(datagram.bytes); !said.empty()) {
            world().send_as(datagram.to, datagram.from, std::move(said));
        }
    }
    int heard_by_stranger() const {
        const auto& heard = stranger_voice_.heard();
        constexpr std::size_t kHalfSecond = 4000;
        const auto found =
            heard.size() < kHalfSecond
                ? std::nullopt
                : media::find_tone(std::span(heard).last(kHalfSecond), StrangerVoice::kSampleRate);
        return found && found->level > -50 ? static_cast<int>(found->frequency + 0.5) : 0;
    }
    // The server and the stranger hear each other now.
    void expect_stranger_tones(call::SessionKey session) {
        world().run(Seconds(1));
        EXPECT_NEAR(heard_by_stranger(), kServerTone, 2);
        EXPECT_NEAR(heard_by_server(session), kStrangerTone, 2);
    }
    const sip::Message* latest(sip::Method method) const {
        const sip::Message* found = nullptr;
        for (const sip::Message& message : received_) {
            found = message.method() == method && message.is_request() ? &message : found;
        }
        return found;
    }
    struct Reply {
        int status = 200;
        std::string_view tag = "dave";
        std::string_view sdp = {};
        sip::ExtraHeaders headers = {};
    };
    void reply(const sip::Message& request, const Reply& reply) {
        sip::MessageWriter writer =
            sip::MessageWriter::response(request, {.status = reply.status, .to_tag = reply.tag});
        if (request.method() == sip::Method::Invite && reply.status > 100 && reply.status < 300) {
            writer.header("Contact", "<sip:dave@192.0.2.60>");
        }
        for (const auto& [name, value] : reply.headers) {
            writer.header(name, value);
        }
        if (!reply.sdp.empty()) {
            writer.body("application/sdp", reply.sdp);
        }
        world().send_as(stranger(), server(), writer.finish().value());
    }
    // A request of the stranger in the dialog that his 2xx (or the server's) made.
    struct Request {
        std::string_view method;
        std::uint32_t cseq = 100;
        std::string_view body = {};
        std::string_view type = "application/sdp";
        std::string headers = {};
        std::string_view branch = "z9hG4bKdave";
        std::string_view contact = "<sip:dave@192.0.2.60>";
    };
    void request(const Request& request) {
        const auto invite = std::find_if(
            received_.begin(), received_.end(),
            [](const sip::Message& one) { return one.method() == sip::Method::Invite; });
        ASSERT_NE(invite, received_.end());
        std::string text(request.method);
        text.append(" ").append(sip::to_string(*invite->get<sip::Contact>()).substr(1));
        text.resize(text.find('>'));
        text.append(" SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.60;branch=").append(request.branch);
        // A CANCEL is of the transaction that it cancels (RFC 3261 9.1).
        const std::string_view of = request.method == "CANCEL" ? "INVITE" : request.method;
        text.append(std::to_string(request.cseq) + std::string(of));
        text.append("\r\nMax-Forwards: 70\r\nFrom: ").append(*invite->header("To"));
        text.append(";tag=dave\r\nTo: ").append(*invite->header("From"));
        text.append("\r\nCall-ID: ").append(*invite->header("Call-ID"));
        text.append("\r\nCSeq: " + std::to_string(request.cseq) + ' ').append(request.method);
        text.append("\r\nContact: ").append(request.contact).append("\r\n");
        text.append(request.headers);
        if (!request.body.empty()) {
            text.append("Content-Type: ").append(request.type).append("\r\n");
        }
        text.append("Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n");
        text.append(request.body);
        world().send_as(stranger(), server(), std::move(text));
        world().run(Milliseconds(200));
    }
    // G.711 at the stranger's port.
    static std::string sdp(std::string_view direction = "sendrecv",
                           int version = 1,
                           std::string_view address = "192.0.2.60") {
        return "v=0\r\no=dave 77 " + std::to_string(version) +
               " IN IP4 192.0.2.60\r\ns=-\r\nc=IN IP4 " + std::string(address) +
               "\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=" + std::string(direction) + "\r\n";
    }

    std::unique_ptr<World> world_;
    Ladder ladder_;
    std::vector<sip::Message> received_;  // by the stranger
    std::function<void(const sip::Message&)> on_message_;
    StrangerVoice stranger_voice_{kStrangerTone};
};

}  // namespace patchbay::test
