// SPDX-License-Identifier: Apache-2.0
#include "support/world.hpp"

#include "base/overloaded.hpp"
#include "media/tone.hpp"
#include "support/phone_account.hpp"

#include <algorithm>
#include <cstdlib>

namespace patchbay::test {
namespace {

constexpr std::uint16_t kSipPort = 5060;
constexpr std::uint16_t kPhoneRtpPort = 30000;
const IpAddress kServer = IpAddress::v4(192, 0, 2, 1);

IpAddress phone_address(std::size_t i) {
    return IpAddress::v4(192, 0, 2, static_cast<std::uint8_t>(10 + i));
}

// RFC 5761 4: the second byte tells RTCP from RTP.
bool is_rtcp(ByteView packet) {
    return packet.size() >= 2 && packet[1] >= 192 && packet[1] <= 223;
}

std::string text_of(ByteView packet) {
    return std::string(as_text(packet));
}

call::ExchangeConfig with_listener(call::ExchangeConfig config) {
    if (config.listeners.empty()) {
        config.listeners.push_back({sip::Transport::Udp, {kServer, kSipPort}});
    }
    return config;
}

std::unique_ptr<media::FrameSource> endless_tone() {
    return std::make_unique<media::ToneSource>(media::ToneSpec{});
}

}  // namespace

// Sends from a port pair of the server or of a phone.
class World::ServerSink final : public media::PacketSink {
  public:
    ServerSink(World& world, const SocketAddress& rtp) : world_(world), rtp_(rtp) {}

    void send(const SocketAddress& to, ByteView packet) override {
        SocketAddress from = rtp_;
        from.port = static_cast<std::uint16_t>(from.port + (is_rtcp(packet) ? 1 : 0));
        world_.send({from, to, text_of(packet)});
    }

  private:
    World& world_;
    SocketAddress rtp_;
};

class World::Site {
  public:
    Site(World& world, std::size_t index, const lab::PhoneBehaviour& behaviour)
        : address(phone_address(index)),
          sink(world, {address, kPhoneRtpPort}),
          samples(std::make_shared<StereoSamples>()),
          listener(samples),
          random(world.options_.seed + 100 + index),
          phone(
              lab::PhoneConfig{
                  .agent = {},
                  .sip = {address, kSipPort},
                  .rtp = {.port = call::RtpPort(kPhoneRtpPort),
                          .advertised = {address, kPhoneRtpPort},
                          .sink = &sink},
                  .codecs = world.options_.phone_codecs,
                  .crypto = world.options_.phone_crypto,
                  .telephone_event = world.options_.phone_telephone_event,
                  .comfort_noise = world.options_.phone_comfort_noise,
                  .user = phone_user(world.options_, index),
                  .behaviour = behaviour,
                  .credentials = phone_credentials(world.options_, index),
                  .registration = phone_registration(
                      world.options_, index, {address, kSipPort}, {kServer, kSipPort})},
              WallAnchor{world.clock_.now(), WallTime{1'640'995'200'000}},
              random),
          // Phones tick by their own clocks, none of them in step with the server.
          next_tick(world.clock_.now() + Milliseconds(3 + 4 * static_cast<int>(index))) {
        phone.listen(&listener);
    }

    IpAddress address;
    ServerSink sink;
    std::shared_ptr<StereoSamples> samples;
    MemoryRecording listener;
    SeededRandom random;
    lab::PhoneEngine phone;
    Instant next_tick;
    std::vector<lab::PhoneEvent> events;
    std::vector<Heard> heard;
    std::optional<Datagram> last_media;
    std::vector<std::size_t> said;
};

World::World(WorldOptions options)
    : options_(std::move(options)),
      random_(options_.seed),
      signalling_(options_.signalling, options_.seed + 1),
      media_(options_.media, options_.seed + 2),
      exchange_(with_listener(options_.exchange),
                WallAnchor{clock_.now(), WallTime{1'640'995'200'000}},
                random_),
      next_tick_(clock_.now()) {
    for (std::size_t i = 0; i < options_.phones.size(); ++i) {
        sites_.push_back(std::make_unique<Site>(*this, i, options_.phones[i]));
    }
    add_file("tone.wav", endless_tone);
}

World::~World() = default;

std::string World::phone_uri(std::size_t phone) {
    return "sip:bob@" + phone_address(phone).to_string();
}

call::SessionKey World::open(const std::string& id, call::SessionKind kind) {
    const auto key = exchange_.open(now(), {.id = call::SessionId(id), .kind = kind}, effects_);
    PB_ENSURE(key.has_value());
    perform_effects();
    return *key;
}

void World::command(call::SessionKey session, call::Command command) {
    exchange_.handle_command(now(), session, {std::move(command), std::nullopt}, effects_);
    perform_effects();
}

call::SessionKey World::dial(call::CallOption option, const std::string& id) {
    const call::SessionKey session = open(id);
    if (!option.callee) {
        option.callee = phone_uri();
    }
    command(session, call::command::Invite{.option = std::move(option)});
    return session;
}

void World::run(Nanoseconds duration) {
    const Instant end = now() + duration;
    while (const auto next = next_time()) {
        if (*next > end) {
            break;
        }
        step_to(*next);
    }
    clock_.advance_to(end);
}

bool World::run_until(const std::function<bool()>& condition, Nanoseconds limit) {
    const Instant end = now() + limit;
    while (!condition()) {
        const auto next = next_time();
        if (!next || *next > end) {
            return false;
        }
        step_to(*next);
    }
    return true;
}

Instant World::next_server_tick() const {
    return next_tick_ + (phase_ % 2 == 1 ? options_.tick_late : Milliseconds(0));
}

std::optional<Instant> World::next_time() const {
    std::optional<Instant> next = next_server_tick();
    next = earlier(next, signalling_.next_timeout());
    next = earlier(next, media_.next_timeout());
    next = earlier(next, exchange_.next_timeout());
    for (const auto& site : sites_) {
        next = earlier(next, site->next_tick);
        next = earlier(next, site->phone.next_timeout());
    }
    for (const Later& later : later_) {
        next = earlier(next, later.at);
    }
    return next;
}

void World::step_to(Instant t) {
    clock_.advance_to(std::max(t, now()));
    std::vector<Datagram> arrived;
    signalling_.receive(now(), arrived);
    media_.receive(now(), arrived);
    for (const Datagram& datagram : arrived) {
        deliver(datagram);
    }
    std::vector<Later> due;
    std::erase_if(later_, [&](Later& later) {
        const bool is_due = later.at <= now();
        if (is_due) {
            due.push_back(std::move(later));
        }
        return is_due;
    });
    for (const Later& later : due) {
        later.what();
    }
    exchange_.handle_timeout(now(), effects_);
    perform_effects();
    if (next_server_tick() <= now()) {
        exchange_.tick(now(), phase_, effects_);
        perform_effects();
        phase_ = (phase_ + options_.tick_stride) % call::kPhases;
        next_tick_ += Milliseconds(5) * static_cast<int>(options_.tick_stride);
    }
    for (std::size_t i = 0; i < sites_.size(); ++i) {
        at_phone(
            [&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
                phone.handle_timeout(now(), out);
                if (sites_[i]->next_tick <= now()) {
                    sites_[i]->next_tick += Milliseconds(20);
                    phone.tick(now(), out);
                }
            },
            i);
    }
}

void World::at_phone(const std::function<void(lab::PhoneEngine&, lab::PhoneOutputs&)>& action,
                     std::size_t i) {
    lab::PhoneOutputs out;
    action(sites_[i]->phone, out);
    for (const sip::Transmit& transmit : out.transmits) {
        send({transmit.flow.local, transmit.flow.remote, transmit.bytes});
    }
    for (const lab::PhoneEvent& event : out.events) {
        sites_[i]->events.push_back(event);
    }
}

void World::phone_calls(const std::string& user, std::size_t i) {
    at_phone(
        [&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
            const SocketAddress server{kServer, kSipPort};
            const auto done =
                phone.call(now(), "sip:" + user + "@" + kServer.to_string(), server, out);
            PB_ENSURE(done.has_value());
        },
        i);
}

void World::send(const Datagram& datagram) {
    if (on_send) {
        on_send(datagram);
    }
    if (datagram.to.port == kSipPort) {
        const std::string line = datagram.bytes.substr(0, datagram.bytes.find('\r'));
        ladder_.push_back((datagram.from.ip == kServer ? "> " : "< ") + line);
        wire_.push_back({now(), datagram});
        if (drop && drop(datagram)) {
            return;
        }
        signalling_.send(now(), datagram);
    } else {
        media_.send(now(), datagram);
    }
}

void World::deliver(const Datagram& datagram) {
    if (datagram.to.ip == kServer) {
        deliver_to_server(datagram);
        return;
    }
    Site* site = site_at(datagram.to.ip);
    const bool somebody =
        site != nullptr && (datagram.to.port == kSipPort || datagram.to.port == kPhoneRtpPort ||
                            datagram.to.port == kPhoneRtpPort + 1);
    if (const auto stranger = strangers_.find(datagram.to.ip);
        site == nullptr && stranger != strangers_.end()) {
        return stranger->second(datagram);
    }
    if (!somebody) {
        strays_.push_back(datagram);
        return;
    }
    const auto index = static_cast<std::size_t>(
        std::find_if(sites_.begin(), sites_.end(), [&](const auto& s) { return s.get() == site; }) -
        sites_.begin());
    at_phone(
        [&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
            const ByteView bytes = as_bytes(datagram.bytes);
            if (datagram.to.port == kSipPort) {
                const sip::Flow flow{.transport = sip::Transport::Udp,
                                     .local = datagram.to,
                                     .remote = datagram.from};
                phone.handle_sip(now(), flow, bytes, out);
            } else if (datagram.to.port == kPhoneRtpPort) {
                // Sound in G.711: a byte that is not the code of silence (0xFF or 0x7F, 0xD5 or
                // 0x55).
                const bool sound = std::any_of(bytes.begin() + 12, bytes.end(), [](std::uint8_t b) {
                    return b != 0xFF && b != 0x7F && b != 0xD5 && b != 0x55;
                });
                site->heard.push_back({now(), sound, datagram.payload_hash()});
                phone.handle_rtp(now(), datagram.from, bytes, out);
            } else {
                phone.handle_rtcp(now(), datagram.from, bytes, out);
            }
        },
        index);
}

void World::deliver_to_server(const Datagram& datagram) {
    const ByteView bytes = as_bytes(datagram.bytes);
    const std::uint16_t port = datagram.to.port;
    if (port == kSipPort) {
        if (!exchange_.admits_message(now(), datagram.from.ip)) {
            return;
        }
        const sip::Flow flow{
            .transport = sip::Transport::Udp, .local = datagram.to, .remote = datagram.from};
        exchange_.handle_sip(now(), flow, bytes, effects_);
    } else if (port % 2 == 0) {
        if (Site* const site = site_at(datagram.from.ip)) {
            site->last_media = datagram;
            site->said.push_back(datagram.payload_hash());
        }
        exchange_.handle_rtp(now(), call::RtpPort(port), datagram.from, bytes, effects_);
    } else {
        const auto rtp = static_cast<std::uint16_t>(port - 1);
        exchange_.handle_rtcp(now(), call::RtpPort(rtp), datagram.from, bytes, effects_);
    }
    perform_effects();
}

World::Site* World::site_at(const IpAddress& ip) const {
    for (const auto& site : sites_) {
        if (site->address == ip) {
            return site.get();
        }
    }
    return nullptr;
}

void World::perform_effects() {
    if (performing_) {
        return;
    }
    performing_ = true;
    for (std::size_t i = 0; i < effects_.size(); ++i) {
        perform(std::move(effects_[i]));
    }
    effects_.clear();
    performing_ = false;
}

// The DNS of this world: a name has its addresses and no other records.
void World::perform(call::Effect effect) {
    std::visit(
        Overloaded{
            [&](call::SendSip& e) {
                send({e.transmit.flow.local, e.transmit.flow.remote, std::move(e.transmit.bytes)});
            },
            [&](call::LocateTarget& e) {
                exchange_.target_located(now(), e, locate(e.uri), effects_);
            },
            [&](call::RestTarget& e) { rested_.push_back(e.target); },
            [](call::LocateRegistrar&) {},  // no account of a world has a name
            [&](call::LocateTrunk& e) {
                exchange_.trunk_located(now(), e.lookup, locate(e.lookup.uri), effects_);
            },
            [](call::SourceBanned&) {},
            [&](call::OpenRtpPort& e) { open_port(e); },
            [&](call::OpenPeerPort& e) {
                const auto port = on_open_peer_port ? on_open_peer_port() : std::nullopt;
                if (port) {
                    exchange_.peer_port_opened(now(), e.session, *port, effects_);
                }
            },
            [&](call::CloseRtpPort& e) { ports_.erase(e.port.value()); },
            [&](call::StartSpeech& e) { start_speech(e); },
            [&](call::OpenFile& e) { open_file(e); },
            [&](call::OpenRecording& e) {
                auto& recording = histories_[e.session].recording;
                recording = std::make_shared<StereoSamples>();
                exchange_.recording_opened(now(), e.session,
                                           std::make_unique<MemoryRecording>(recording), effects_);
            },
            [&](call::OpenSocket& e) { use_socket(e); },
            [&](call::SendToSocket& e) { use_socket(e); },
            [&](call::SendTextToSocket& e) { use_socket(e); },
            [&](call::CloseSocket& e) { use_socket(e); },
            [&](call::OpenRecognizer& e) { open_recognizer(e); },
            [&](call::SendAudio& e) { histories_[e.session].audio.push_back(std::move(e.bytes)); },
            [&](call::OperationReported& e) {
                histories_[e.session].operations.push_back(e);
                tell(e);
            },
            [&](call::ThirdPartyReported& e) {
                third_parties_.push_back(e);
                tell(e);
            },
            [&](call::EmitEvent& e) {
                last_session_ = e.session;
                histories_[e.session].events.push_back({now(), std::move(e.event)});
            },
            [&](call::SessionChanged& e) {
                histories_[e.summary.key].summaries.push_back(e.summary);
                tell(e);
            },
            [&](call::SessionEnded& e) {
                histories_[e.summary.key].ended = e.summary;
                tell(e);
            },
            [&](call::AskApplication& e) { offered_.push_back(std::move(e)); },
            [&](call::BridgeElsewhere& e) {
                if (on_bridge_elsewhere) {
                    return on_bridge_elsewhere(e.request);
                }
                exchange_.bridge_answered(now(), e.request, fail(Errc::NotFound, "the other call"),
                                          effects_);
            },
            [&](call::SessionBroken& e) { broken_.push_back(e.report); },
        },
        effect);
}

void World::open_port(const call::OpenRtpPort& request) {
    if (!options_.rtp_ports) {
        exchange_.rtp_failed(now(), request.session, {Errc::Unavailable, "RTP port"}, effects_);
        return;
    }
    last_port_ = static_cast<std::uint16_t>(last_port_ + 2);
    const SocketAddress address{kServer, last_port_};
    auto& sink = ports_[last_port_];
    sink = std::make_unique<ServerSink>(*this, address);
    exchange_.rtp_opened(
        now(), request.session,
        {.port = call::RtpPort(last_port_), .advertised = address, .sink = sink.get()}, effects_);
}

lab::PhoneEngine& World::phone(std::size_t i) {
    return sites_.at(i)->phone;
}
const std::vector<lab::PhoneEvent>& World::phone_events(std::size_t i) const {
    return sites_.at(i)->events;
}
const StereoSamples& World::phone_audio(std::size_t i) const {
    return *sites_.at(i)->samples;
}
const std::vector<std::size_t>& World::said_payloads(std::size_t i) const {
    return sites_.at(i)->said;
}
const std::optional<Datagram>& World::last_media_of_phone(std::size_t i) const {
    return sites_.at(i)->last_media;
}
const std::vector<World::Heard>& World::heard_packets(std::size_t i) const {
    return sites_.at(i)->heard;
}
Instant World::next_phone_tick(Instant from, std::size_t i) const {
    // Ticks are 20 ms apart, so any of them tells all of them.
    const Nanoseconds period = Milliseconds(20);
    const Nanoseconds ahead = (sites_.at(i)->next_tick - from) % period;
    return from + (ahead < Nanoseconds(0) ? ahead + period : ahead);
}

}  // namespace patchbay::test
