// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/tone.hpp"
#include "sip/digest_server.hpp"
#include "sip/message_writer.hpp"
#include "support/browser_beside.hpp"
#include "support/sound.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::test {

inline const SocketAddress kServerSip = *SocketAddress::parse("192.0.2.1:5060");
inline const SocketAddress kPageSip = *SocketAddress::parse("198.51.100.10:5060");

// Outlives the world that looks into it.
struct KnownPlaces {
    sip::Locations locations;
};

// Phones are users of the server, and so is "page", whose browser is beside. Phone 0 has a tone of
// 700 Hz, phone 1 of 900 Hz, the page of 1000 Hz.
class RegisteredPage : private KnownPlaces, public testing::Test, protected BrowserBeside {
  protected:
    explicit RegisteredPage(std::optional<Milliseconds> desk_answers_after = std::nullopt,
                            const std::function<void(WorldOptions&)>& change = {})
        : BrowserBeside(with_users(locations, desk_answers_after, change),
                        webrtc::IceRole::Controlled) {
        world.add_stranger(kPageSip.ip, [this](const Datagram& datagram) {
            if (datagram.to == kPageSip) {
                hear_as_page(datagram.bytes);
            }
        });
        world.phone(0).play(tone(700));
        world.phone(1).play(tone(900));
        world.register_phone(0);
        register_page();
    }
    static WorldOptions with_users(sip::Locations& locations,
                                   std::optional<Milliseconds> desk_answers_after,
                                   const std::function<void(WorldOptions&)>& change) {
        WorldOptions options;
        options.phones = {{}, {.answer_after = desk_answers_after}};
        options.phone_password = "secret";
        call::RouteTable::Settings table;
        auto accounts = std::make_shared<sip::DigestAccounts>();
        for (const char* user : {"phone0", "phone1", "page"}) {
            table.users.insert(user);
            accounts->emplace(user, sip::DigestSecret::of(user, "home", "secret"));
        }
        options.exchange.routes = std::make_shared<const call::RouteTable>(std::move(table));
        call::ServicesConfig& services = options.exchange.services;
        services.gate.accounts = std::move(accounts);
        services.gate.digest.realm = "home";
        services.gate.hosts = {"192.0.2.1"};
        services.locations = &locations;
        if (change) {
            change(options);
        }
        return options;
    }
    static std::unique_ptr<media::FrameSource> tone(double frequency) {
        return std::make_unique<media::ToneSource>(
            media::ToneSpec{.frequency = frequency, .level = -20});
    }
    // What the REGISTER over the page's WebSocket leaves behind.
    void register_page() {
        add_place({.contact = *sip::Uri::parse("sip:page@df7jal23ls0d.invalid;transport=ws"),
                   .flow = {.transport = sip::Transport::Ws,
                            .local = kServerSip,
                            .remote = kPageSip,
                            .connection = 7},
                   .path = {},
                   .call_id = "page",
                   .expires_at = world.now() + Seconds(600),
                   .instance = {},
                   .user_agent = {}});
    }
    void add_place(const sip::Binding& place) {
        (void)locations.update("page", world.now(), [&](const sip::Bindings& before) {
            sip::Bindings after = before;
            after.push_back(place);
            return Result<sip::Bindings>(std::move(after));
        });
    }
    // Phone 1 is a place of the same user.
    void add_phone_of_the_user() {
        add_place({.contact = *sip::Uri::parse("sip:phone1@192.0.2.11"),
                   .flow = {.transport = sip::Transport::Udp,
                            .local = kServerSip,
                            .remote = *SocketAddress::parse("192.0.2.11:5060")},
                   .path = {},
                   .call_id = "desk",
                   .expires_at = world.now() + Seconds(600),
                   .instance = {},
                   .user_agent = {}});
    }
    void hear_as_page(const std::string& bytes) {
        auto message = sip::Message::parse(std::string_view(bytes));
        ASSERT_TRUE(message);
        received.push_back(bytes);
        if (message->is_request() && message->method() == sip::Method::Invite) {
            const bool again = message->header("To")->find("tag=") != std::string_view::npos;
            invite = std::move(*message);
            reply(again ? 200 : 180);
        } else if (message->is_request() && message->method() != sip::Method::Ack) {
            respond(*message, 200, {});
        }
    }
    void reply(int status) {
        const bool accepts = status == 200;
        respond(*invite, status,
                accepts ? browser.answer(world.now(), invite->body(), direction) : std::string());
    }
    void respond(const sip::Message& request, int status, const std::string& body) {
        sip::MessageWriter writer =
            sip::MessageWriter::response(request, {.status = status, .to_tag = "page"});
        writer.header("Contact", "<sip:page@df7jal23ls0d.invalid;transport=ws>");
        if (!body.empty()) {
            writer.body("application/sdp", body);
        }
        world.send_as(kPageSip, kServerSip, writer.finish().value());
    }
    void call_page() {
        world.phone_calls("page", 0);
        run(Milliseconds(200));
        ASSERT_TRUE(invite) << "it does not ring";
    }
    int heard_by_browser() {
        const auto& heard = browser.heard();
        return heard.size() > 8000 ? static_cast<int>(frequency_of(std::span(heard).last(8000)))
                                   : 0;
    }
    int heard_by_phone(std::size_t phone = 0) {
        const auto& heard = world.phone_audio(phone).left;
        return heard.size() > 8000 ? static_cast<int>(frequency_of(std::span(heard).last(8000)))
                                   : 0;
    }
    void expect_joined() {
        run(Seconds(2));
        EXPECT_NEAR(heard_by_browser(), 700, 5);
        EXPECT_NEAR(heard_by_phone(), 1000, 5);
    }
    void expect_nothing_left() {
        run(Seconds(70));
        EXPECT_EQ(world.exchange().session_count(), 0U);
        EXPECT_EQ(world.open_ports(), 0U);
        EXPECT_TRUE(world.broken().empty());
    }
    bool page_heard(std::string_view line) {
        return std::ranges::any_of(received,
                                   [&](const std::string& one) { return one.starts_with(line); });
    }

    std::vector<std::string> received;  // by the page
    std::optional<sip::Message> invite;
    sdp::Direction direction = sdp::Direction::SendRecv;  // of what the page answers
};

}  // namespace patchbay::test
