// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ensure.hpp"
#include "base/random.hpp"
#include "call/exchange.hpp"
#include "media/rtp_track.hpp"
#include "media/tone.hpp"
#include "sdp/offer_answer.hpp"
#include "support/datagram_network.hpp"
#include "support/manual_clock.hpp"
#include "webrtc/jsep.hpp"
#include "webrtc/peer.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace patchbay::test {

// A browser: a page with a tone for a microphone that remembers what it hears. Only bytes go in and
// out: descriptions as text, datagrams.
class TestBrowser final : public media::PacketSink {
  public:
    TestBrowser(DatagramNetwork& network,
                std::string_view address,
                std::uint64_t seed,
                webrtc::IceRole role = webrtc::IceRole::Controlling)
        : random_(seed),
          context_(*webrtc::DtlsContext::make(WallTime{1'790'000'000'000}, random_)),
          peer_({.role = role}, context_, random_),
          network_(network),
          base_(*SocketAddress::parse(address)),
          track_(random_, WallAnchor{}),
          microphone_(media::ToneSpec{.frequency = 1000}) {
        network.add_host(base_.ip);
        webrtc::PeerOutputs out;
        PB_ENSURE(peer_.add_local_candidate(ManualClock::kStart,
                                            webrtc::make_host_candidate(base_, 65535), out));
    }

    std::string offer(bool with_candidates, sdp::Direction direction = sdp::Direction::SendRecv) {
        offer_ = sdp::make_offer(local(direction));
        sdp::MediaDescription& audio = offer_.media.front();
        audio.protocol = "UDP/TLS/RTP/SAVPF";
        audio.attributes.push_back({"mid", "0"});
        offer_.attributes.push_back({"group", "BUNDLE 0"});
        webrtc::write_peer_description(peer_.ice(), false, peer_.fingerprint(), std::nullopt,
                                       audio);
        if (!with_candidates) {
            std::erase_if(audio.attributes,
                          [](const sdp::Attribute& a) { return a.name == "candidate"; });
        }
        return offer_.to_string();
    }
    // The answer to an offer of the server, first or later.
    std::string answer(Instant now,
                       std::string_view text,
                       sdp::Direction direction = sdp::Direction::SendRecv) {
        const auto offer = sdp::SessionDescription::parse(text);
        PB_ENSURE(offer.has_value());
        const auto transport = webrtc::take_transport(*offer);
        PB_ENSURE(transport.has_value());
        act(now, [&](webrtc::PeerOutputs& out) {
            PB_ENSURE(peer_.handle_offer(now, transport->peer, out));
        });
        auto answer = sdp::make_answer(transport->plain, local(direction));
        PB_ENSURE(answer.has_value());
        webrtc::put_transport(*offer, transport->section,
                              {peer_.ice(), false, peer_.fingerprint(), peer_.dtls_role()},
                              answer->description);
        return answer->description.to_string();
    }
    // The next offer has other credentials.
    void restart_ice() { peer_.restart(); }
    std::string candidate() const {
        return peer_.ice().local_candidates().front().candidate.to_string();
    }
    void accept(Instant now, std::string_view text) {
        const auto answer = sdp::SessionDescription::parse(text);
        PB_ENSURE(answer.has_value());
        const auto other = webrtc::read_peer_description(*answer, answer->media.front());
        PB_ENSURE(other.has_value());
        act(now,
            [&](webrtc::PeerOutputs& out) { PB_ENSURE(peer_.handle_answer(now, *other, out)); });
    }
    void close(Instant now) {
        act(now, [&](webrtc::PeerOutputs& out) { peer_.close(now, out); });
    }

    void receive(Instant now, const UdpDatagram& datagram) {
        std::optional<ByteView> media;
        act(now, [&](webrtc::PeerOutputs& out) {
            media = peer_.handle_packet(now, {base_, datagram.from}, datagram.bytes, out);
        });
        if (media && track_.configured()) {
            media::TrackOutputs ignored;
            track_.handle_packet(now, webrtc::kNoAddress, *media, ignored);
        }
    }
    void handle_timeout(Instant now) {
        act(now, [&](webrtc::PeerOutputs& out) { peer_.handle_timeout(now, out); });
    }
    std::optional<Instant> next_timeout() const { return peer_.next_timeout(); }
    // Every 20 ms.
    void tick(Instant now) {
        if (!track_.configured()) {
            return;
        }
        media::Frame frame{};
        track_.read(now, frame);
        heard_.insert(heard_.end(), frame.begin(), frame.end());
        microphone_.read(frame);
        track_.write(now, frame, *this);
    }

    void send(const SocketAddress& /*to*/, ByteView packet) override {
        if (const auto path = peer_.media_path()) {
            network_.send(now_, {path->local, path->remote, Bytes(packet.begin(), packet.end())});
        }
    }

    const webrtc::Peer& peer() const { return peer_; }
    const SocketAddress& base() const { return base_; }
    const std::vector<std::int16_t>& heard() const { return heard_; }

  private:
    static sdp::LocalMedia local(sdp::Direction direction) {
        return {.rtp = webrtc::kNoAddress,
                .codecs = {*sdp::known_codec("PCMU")},
                .direction = direction,
                .rtcp_mux = true};
    }
    template <class Input>
    void act(Instant now, Input&& input) {
        now_ = now;
        webrtc::PeerOutputs out;
        std::forward<Input>(input)(out);
        for (webrtc::IceTransmit& transmit : out.transmits) {
            network_.send(now,
                          {transmit.path.local, transmit.path.remote, std::move(transmit.packet)});
        }
        for (const webrtc::PeerEvent& event : out.events) {
            if (const auto* secured = std::get_if<webrtc::PeerSecured>(&event)) {
                start(now, secured->keys);
            }
        }
    }
    void start(Instant now, const rtp::SrtpKeys& keys) {
        media::TrackSettings settings;
        settings.format.codec = *media::find_codec("PCMU", 8000);
        settings.remote = {webrtc::kNoAddress, webrtc::kNoAddress};
        settings.srtp = keys;
        PB_ENSURE(track_.configure(now, settings));
    }

    SeededRandom random_;
    webrtc::DtlsContext context_;
    webrtc::Peer peer_;
    DatagramNetwork& network_;
    SocketAddress base_;
    sdp::SessionDescription offer_;
    media::RtpTrack track_;
    media::ToneSource microphone_;
    std::vector<std::int16_t> heard_;
    Instant now_;
};

// An Exchange whose browsers' port is on an emulated network, in virtual time.
class BrowserWorld final : public call::PeerSink {
  public:
    BrowserWorld()
        : context_(*webrtc::DtlsContext::make(WallTime{1'790'000'000'000}, random_)),
          exchange_({}, WallAnchor{}, random_) {
        network.add_host(kServer.ip);
    }

    call::SessionKey open(const std::string& id) {
        call::SessionKey key;
        act([&](call::Effects& out) {
            key = *exchange_.open(
                clock.now(), {.id = call::SessionId(id), .kind = call::SessionKind::WebRtc}, out);
        });
        return key;
    }
    void command(call::SessionKey session, call::Command command) {
        act([&](call::Effects& out) {
            exchange_.handle_command(clock.now(), session, {std::move(command), {}}, out);
        });
    }
    // The client goes away.
    void close(call::SessionKey session) {
        act([&](call::Effects& out) { exchange_.close_control(clock.now(), session, out); });
    }
    void invite(call::SessionKey session, call::CallOption option) {
        command(session, call::command::Invite{.option = std::move(option)});
    }

    template <class E>
    std::vector<E> all(call::SessionKey session) const {
        std::vector<E> found;
        for (const call::EmitEvent& one : events) {
            const auto* event = std::get_if<E>(&one.event);
            if (one.session == session && event != nullptr) {
                found.push_back(*event);
            }
        }
        return found;
    }

    void add(TestBrowser& browser) { browsers_.push_back(&browser); }
    void inject(const SocketAddress& from, const Bytes& bytes) { deliver({from, kServer, bytes}); }

    void run_for(Nanoseconds duration) {
        const Instant end = clock.now() + duration;
        for (; clock.now() < end; clock.advance(Milliseconds(5))) {
            step();
        }
    }

    void send(const webrtc::IcePath& path, ByteView datagram) override {
        network.send(clock.now(),
                     {path.local, path.remote, Bytes(datagram.begin(), datagram.end())});
    }

    std::size_t calls() const { return exchange_.session_count(); }

    static inline const SocketAddress kServer = *SocketAddress::parse("198.51.100.20:6000");

    ManualClock clock;
    DatagramNetwork network;
    std::vector<call::EmitEvent> events;
    std::vector<std::string> broken;

  private:
    void step() {
        const Instant now = clock.now();
        for (const UdpDatagram& datagram : network.receive(now)) {
            deliver(datagram);
        }
        for (TestBrowser* browser : browsers_) {
            if (browser->next_timeout().value_or(now + Seconds(1)) <= now) {
                browser->handle_timeout(now);
            }
            if (ticks_ % 4 == 0) {
                browser->tick(now);
            }
        }
        act([&](call::Effects& out) {
            exchange_.handle_timeout(now, out);
            exchange_.tick(now, ticks_++ % 4, out);
        });
    }
    void deliver(const UdpDatagram& datagram) {
        if (datagram.to == kServer) {
            act([&](call::Effects& out) {
                exchange_.handle_peer_packet(clock.now(), {kServer, datagram.from}, datagram.bytes,
                                             out);
            });
        }
        for (TestBrowser* browser : browsers_) {
            if (datagram.to == browser->base()) {
                browser->receive(clock.now(), datagram);
            }
        }
    }
    template <class Input>
    void act(Input&& input) {
        call::Effects effects;
        std::forward<Input>(input)(effects);
        for (std::size_t i = 0; i < effects.size(); ++i) {
            const call::Effect effect = std::move(effects[i]);
            if (const auto* event = std::get_if<call::EmitEvent>(&effect)) {
                events.push_back(*event);
            } else if (const auto* port = std::get_if<call::OpenPeerPort>(&effect)) {
                exchange_.peer_port_opened(clock.now(), port->session, port_, effects);
            } else if (const auto* bug = std::get_if<call::SessionBroken>(&effect)) {
                broken.push_back(bug->report);
            }
        }
    }

    SeededRandom random_{7};
    webrtc::DtlsContext context_;
    call::Exchange exchange_;
    call::PeerPort port_{{webrtc::make_host_candidate(kServer, 65535)}, &context_, this};
    std::vector<TestBrowser*> browsers_;
    unsigned ticks_ = 0;
};

}  // namespace patchbay::test
