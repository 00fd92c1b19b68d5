// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ensure.hpp"
#include "lab/meta/media.hpp"
#include "support/beside_world.hpp"
#include "support/manual_clock.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::test {

// A WhatsApp user's phone behind Meta's relay: the strict double's audio, on an emulated network.
// Whoever breaks a rule of Meta's, silence included, finds it in `broken`.
class MetaUser final : public media::PacketSink {
  public:
    // `offers`: the user calls.
    MetaUser(DatagramNetwork& network, const webrtc::DtlsContext& context, bool offers)
        : network_(network),
          media_(ManualClock::kStart,
                 wall_,
                 {.port = call::RtpPort(1), .advertised = base_, .sink = this},
                 {.account = account_, .dtls = context, .offers = offers},
                 random_) {
        network_.add_host(base_.ip);
    }

    std::string offer() { return media_.offer(); }
    void accept(Instant now, std::string_view answer) {
        now_ = now;
        PB_ENSURE(media_.apply_answer(now, answer).has_value());
    }
    std::string answer(Instant now, std::string_view offer) {
        now_ = now;
        auto answer = media_.answer(now, offer);
        PB_ENSURE(answer.has_value());
        media_.begin(now);
        return *std::move(answer);
    }
    // The call is answered: from now on Meta wants to hear the business.
    void begin(Instant now) { media_.begin(now); }
    void press(std::string_view keys) { PB_ENSURE(media_.press(keys).has_value()); }

    void receive(Instant now, const UdpDatagram& datagram) {
        act(now, [&](lab::meta::MediaEvents& out) {
            media_.handle_packet(now, datagram.from, datagram.bytes, out);
        });
    }
    void step(Instant now) {
        act(now, [&](lab::meta::MediaEvents& out) {
            media_.handle_timeout(now, out);
            media_.tick(now, out);
        });
    }
    void send(const SocketAddress& to, ByteView packet) override {
        network_.send(now_, {base_, to, Bytes(packet.begin(), packet.end())});
    }

    const SocketAddress& base() const { return base_; }
    const lab::meta::Media& media() const { return media_; }
    // In hertz; 0: no tone.
    double hears() const { return sound_.frequency.value_or(0); }

    std::string digits;
    std::vector<std::string> broken;

  private:
    template <class Action>
    void act(Instant now, Action&& action) {
        now_ = now;
        lab::meta::MediaEvents events;
        std::forward<Action>(action)(events);
        digits += events.digits;
        sound_ = events.sound.value_or(sound_);
        if (events.broken) {
            broken.push_back(*events.broken);
        }
    }

    static lab::meta::Account account() {
        lab::meta::Account account;
        account.tone = 1000;
        return account;
    }

    DatagramNetwork& network_;
    SeededRandom random_{3};
    WallAnchor wall_;
    lab::meta::Account account_ = account();
    SocketAddress base_ = *SocketAddress::parse("198.51.100.10:3480");
    Instant now_ = ManualClock::kStart;
    lab::meta::Media media_;
    lab::meta::MediaEvents::Sound sound_;
};

// A World with phones, and a WhatsApp user beside it.
class MetaBeside : public BesideWorld {
  public:
    MetaBeside(WorldOptions options, bool user_calls)
        : BesideWorld(std::move(options)), user(network, context, user_calls) {}

    MetaUser user;

  private:
    void receive(Instant now, const UdpDatagram& datagram) override { user.receive(now, datagram); }
    void step(Instant now) override { user.step(now); }
};

}  // namespace patchbay::test
