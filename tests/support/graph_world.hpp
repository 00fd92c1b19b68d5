// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/graph/side.hpp"
#include "bridge/plan.hpp"
#include "media/tone.hpp"
#include "support/meta_beside.hpp"
#include "support/sound.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::test {

inline const std::string kUser = "5511987654321";
inline const std::string kId = "wacid.1";
inline const std::string kPhoneNumberId = "436666719526789";

inline bridge::Settings graph_settings() {
    bridge::Settings settings;
    settings.enabled = true;
    settings.sip_server = "192.0.2.10";
    settings.meta.phone_number_id = kPhoneNumberId;
    settings.meta.phone_number = "+551130000000";
    return settings;
}

// WhatsApp by Graph API and webhooks on the one side, phones of the PBX on the other: what the
// double of Graph here gets and says are values, all else are bytes.
class GraphWorld : protected MetaBeside {
  protected:
    explicit GraphWorld(bool user_calls,
                        std::optional<Milliseconds> answers_after = Milliseconds(500))
        : MetaBeside(two_phones(answers_after), user_calls),
          side({.bridge = "default",
                .phone_number_id = kPhoneNumberId,
                .phone_number = "+551130000000"},
               {world.now(), kNow},
               side_random) {
        configure(graph_settings());
        world.add_stranger(flow.remote.ip, [this](const Datagram& datagram) {
            to_side.push_back(datagram.bytes.substr(0, datagram.bytes.find(' ')));
            side.handle_message(world.now(), as_bytes(datagram.bytes), outputs);
        });
        world.phone(0).play(
            std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = 440, .level = -20}));
        world.phone(1).play(
            std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = 620, .level = -20}));
    }
    // The PBX's addresses are those of phone 0 and phone 1.
    void configure(const bridge::Settings& settings) {
        bridge::Plan plan = bridge::plan_of({{"default", settings}});
        call::NeighbourDoor pbx;
        pbx.local = {IpAddress::v4(192, 0, 2, 1), 5060};
        pbx.trunk = bridge::names_of("default").pbx;
        plan.side_doors.push_back(std::move(pbx));
        call::NeighbourConfig config{.trunks = std::move(plan.trunks),
                                     .routes = std::move(plan.routes),
                                     .doors = std::move(plan.side_doors),
                                     .accounts = {}};
        world.at_exchange([&](call::Exchange& exchange, Instant now, call::Effects& out) {
            exchange.replace_neighbours(now, std::move(config), out);
        });
    }

    void go(Nanoseconds duration) {
        const Instant end = world.now() + duration;
        while (world.now() < end) {
            run(Milliseconds(5));
            if (const auto next = side.next_timeout(); next && *next <= world.now()) {
                side.handle_timeout(world.now(), outputs);
            }
            settle();
        }
    }
    void settle() {
        while (!outputs.messages.empty() || !outputs.requests.empty()) {
            bridge::graph::SideOutputs now = std::exchange(outputs, {});
            for (const std::string& message : now.messages) {
                world.at_exchange([&](call::Exchange& exchange, Instant at, call::Effects& out) {
                    exchange.handle_sip(at, flow, as_bytes(message), out);
                });
            }
            for (bridge::graph::ActionRequest& request : now.requests) {
                asked.push_back(request.action);
                take_description(request.action);
                if (request.action.kind == bridge::graph::ActionKind::Connect) {
                    opaque = request.action.opaque;
                    offer = request.action.sdp;
                }
                const auto refusal = refusals.find(request.action.kind);
                if (refusal != refusals.end()) {
                    tell(request.id, refusal->second);
                } else if (held != request.action.kind) {
                    tell(request.id, bridge::graph::Response{.status = 200, .call_id = kId});
                } else {
                    held_id = request.id;
                }
            }
        }
    }
    // As Meta does: the transport begins with the first of the two, the call with `accept`.
    void take_description(const bridge::graph::Action& action) {
        using bridge::graph::ActionKind;
        const bool accepts = action.kind == ActionKind::Accept;
        if ((accepts || action.kind == ActionKind::PreAccept) && !std::exchange(described, true)) {
            user.accept(world.now(), action.sdp);
        }
        if (accepts) {
            user.begin(world.now());
        }
    }
    void tell(bridge::graph::ActionId id, const bridge::graph::ActionOutcome& outcome) {
        side.handle_outcome(world.now(), id, outcome, outputs);
    }
    void notice(bridge::graph::CallNotice call) {
        side.handle_notice(world.now(), {kPhoneNumberId, "551130000000", std::move(call)}, outputs);
        settle();
    }
    std::vector<bridge::graph::ActionKind> kinds() const {
        std::vector<bridge::graph::ActionKind> out;
        std::ranges::transform(asked, std::back_inserter(out), &bridge::graph::Action::kind);
        return out;
    }
    double heard_by_phone(std::size_t phone = 0) {
        const auto& heard = world.phone_audio(phone).left;
        return heard.size() > 8000 ? frequency_of(std::span(heard).last(8000)) : 0;
    }
    void expect_both_hear(std::size_t phone = 0) {
        go(Seconds(2));
        EXPECT_NEAR(user.hears(), phone == 0 ? 440 : 620, 5);
        EXPECT_NEAR(heard_by_phone(phone), 1000, 5);
    }
    // Meta describes a call once, and is asked for nothing else within it.
    void expect_rules_kept() {
        EXPECT_THAT(user.broken, testing::IsEmpty());
        EXPECT_THAT(to_side,
                    testing::Not(testing::Contains(testing::AnyOf("REFER", "UPDATE", "INFO"))));
        EXPECT_LE(std::ranges::count(to_side, "INVITE"), 1);
    }
    void pbx_hangs_up() {
        world.at_phone([&](auto& phone, auto& out) { phone.hang_up(world.now(), out); });
        go(Seconds(1));
    }
    int refusal() {
        for (const lab::PhoneEvent& event : world.phone_events(0)) {
            if (const auto* rejected = std::get_if<lab::PhoneRejected>(&event)) {
                return rejected->status;
            }
        }
        return 0;
    }
    void expect_nothing_left() {
        go(Seconds(70));
        EXPECT_EQ(world.exchange().session_count(), 0U);
        EXPECT_EQ(world.open_ports(), 0U);
        EXPECT_EQ(side.calls(), 0U);
        EXPECT_TRUE(world.broken().empty());
    }
    static WorldOptions two_phones(std::optional<Milliseconds> answers_after) {
        WorldOptions options;
        options.phones = {{.answer_after = answers_after}, {}};
        return options;
    }

    static constexpr WallTime kNow{1'790'000'000'000};
    const sip::Flow flow = bridge::flow_to_side("default");
    SeededRandom side_random{9};
    bridge::graph::Side side;
    bridge::graph::SideOutputs outputs;
    std::vector<bridge::graph::Action> asked;
    std::map<bridge::graph::ActionKind, bridge::graph::ActionOutcome> refusals;
    std::optional<bridge::graph::ActionKind> held;  // not answered
    bridge::graph::ActionId held_id;
    std::string opaque;
    std::string offer;
    bool described = false;            // the business has answered the user's offer
    std::vector<std::string> to_side;  // first words of what the engine said to it
};

// A user calls; the PBX is phone 0.
class AUserCalls : public testing::Test, protected GraphWorld {
  protected:
    AUserCalls() : GraphWorld(true) {}
    explicit AUserCalls(std::optional<Milliseconds> answers_after)
        : GraphWorld(true, answers_after) {}
    bridge::graph::Connect connect() {
        return {.id = kId,
                .user_initiated = true,
                .from = kUser,
                .to = "551130000000",
                .user_id = {},
                .name = "Ana",
                .seconds = kNow.milliseconds / 1000,
                .sdp = user.offer(),
                .opaque = {},
                .payload = {}};
    }
};

// The PBX calls a number.
class ThePbxCalls : public testing::Test, protected GraphWorld {
  protected:
    ThePbxCalls() : GraphWorld(false) {}
    void call(const std::string& number = "+" + kUser) {
        world.phone_calls(number);
        go(Milliseconds(300));
    }
    bridge::graph::Connect answer() {
        return {.id = kId,
                .user_initiated = false,
                .from = {},
                .to = kUser,
                .user_id = {},
                .name = {},
                .seconds = {},
                .sdp = user.answer(world.now(), offer),
                .opaque = opaque,
                .payload = {}};
    }
    bool rings() {
        return std::ranges::any_of(world.phone_events(0), [](const lab::PhoneEvent& event) {
            return std::holds_alternative<lab::PhoneRinging>(event);
        });
    }
};

}  // namespace patchbay::test
