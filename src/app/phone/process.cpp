// SPDX-License-Identifier: Apache-2.0
#include "app/phone/process.hpp"

#include "app/sip/listen.hpp"
#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "media/tone.hpp"
#include "net/local_address.hpp"
#include "net/resolver.hpp"
#include "rtp/packet.hpp"
#include "sip/uri.hpp"
#include "store/file_jail.hpp"
#include "store/file_reader.hpp"
#include "store/recording_writer.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <utility>
#include <vector>

namespace patchbay::app {
namespace {

namespace fs = std::filesystem;

// Beside the server's 12000-31999, so that both run on one machine as they come.
constexpr net::PortSpan kRtpPorts{10000, 11999};
// For the last BYE, its answer and its repeats to be seen before the sockets close.
constexpr Milliseconds kFarewell{300};
// Loud, with room to spare in every codec.
constexpr double kToneLevel = -16;  // dBFS

tl::unexpected<std::string> refuse(std::string why) {
    return tl::unexpected<std::string>(std::move(why));
}

double in_milliseconds(Nanoseconds time) {
    return static_cast<double>(time.count()) / 1e6;
}

// A folder and a name in it, from a path as the shell gives it.
std::pair<std::string, std::string> folder_and_name(const std::string& path) {
    const fs::path absolute = fs::absolute(path);
    return {absolute.parent_path().string(), absolute.filename().string()};
}

}  // namespace

PhoneProcess::PhoneProcess(net::Shard& shard, PhoneOptions options)
    : shard_(shard),
      options_(std::move(options)),
      wall_(net::read_wall_anchor()),
      started_(shard.now()),
      sip_(
          shard,
          [this](Instant now, const sip::Flow& flow, ByteView message) {
              step([&](lab::PhoneOutputs& out) { engine_->handle_sip(now, flow, message, out); });
          },
          [this](Instant now, const sip::Flow& flow) {
              step([&](lab::PhoneOutputs& out) {
                  engine_->handle_sip_transport_error(now, flow, out);
              });
          }),
      rtp_(shard,
           {.span = kRtpPorts, .listen = options_.listen.ip, .external = std::nullopt},
           [this](Instant now,
                  call::RtpPort,
                  RtpPorts::Socket socket,
                  const SocketAddress& from,
                  ByteView packet) {
               step([&](lab::PhoneOutputs& out) {
                   if (socket == RtpPorts::Socket::Rtcp) {
                       engine_->handle_rtcp(now, from, packet, out);
                   } else {
                       engine_->handle_rtp(now, from, packet, out);
                   }
               });
           }),
      wakeup_(shard, [this](Instant now) {
          step([&](lab::PhoneOutputs& out) { engine_->handle_timeout(now, out); });
      }) {
    if (options_.calls == 0 && !options_.call.empty()) {
        options_.calls = 1;
    }
}

Expected<void, std::string> PhoneProcess::start() {
    PB_CHECK(open_sockets());
    PB_TRY(lab::PhoneConfig config, engine_config());
    engine_.emplace(std::move(config), wall_, random_);
    engine_->listen(&listener_);
    engine_->set_echo(options_.echo);
    PB_CHECK(open_files());
    shard_.on_tick([this](const net::Tick& tick) {
        step([&](lab::PhoneOutputs& out) { engine_->tick(tick.now, out); });
        if (stop_at_ && *stop_at_ <= tick.now) {
            shard_.stop();
        }
    });
    print(lab::note::Listening{
        wall_now(), fmt::format("sip:{}@{}", options_.user, options_.listen.to_string())});
    step([this](lab::PhoneOutputs& out) { engine_->sign_on(shard_.now(), out); });
    return options_.call.empty() ? Expected<void, std::string>() : place_call();
}

Expected<void, std::string> PhoneProcess::open_sockets() {
    const auto free_address = net::probe_bind(options_.listen, net::Protocol::UdpAndTcp);
    if (free_address) {
        options_.listen = *free_address;
    }
    const auto udp = sip_.listen_udp(options_.listen, net::PortSharing::Exclusive);
    const auto tcp = udp ? sip_.listen_tcp(options_.listen, net::PortSharing::Exclusive) : udp;
    if (!tcp) {
        return refuse(explain_listen_failure("the phone", options_.listen, tcp.error(),
                                             "--listen ADDR:PORT"));
    }
    return {};
}

Expected<lab::PhoneConfig, std::string> PhoneProcess::engine_config() {
    const auto endpoint = rtp_.open(options_.listen.ip);
    if (!endpoint) {
        return refuse(fmt::format("no free UDP port between {} and {} for the sound",
                                  kRtpPorts.first, kRtpPorts.last));
    }
    lab::PhoneConfig config;
    config.agent.product = "Patchbay phone";
    config.sip = options_.listen;
    config.rtp = *endpoint;
    config.codecs = options_.codecs;
    config.user = options_.user;
    config.behaviour.answer_after = options_.answer_after;
    if (options_.reject) {
        config.behaviour.reject = sip::Rejection{.status = *options_.reject};
    }
    config.behaviour.hang_up_after = options_.hangup_after;
    config.behaviour.keys = options_.dtmf;
    config.behaviour.keys_after = options_.dtmf_after;
    if (!options_.password.reveal().empty()) {
        config.credentials =
            sip::Credentials{.username = options_.user, .password = options_.password, .realm = {}};
    }
    if (!options_.registrar.empty()) {
        PB_TRY(config.registration, registration_config());
    }
    return config;
}

Expected<sip::RegistrationConfig, std::string> PhoneProcess::registration_config() {
    const auto registrar = sip::Uri::parse("sip:" + options_.registrar);
    if (!registrar) {
        return refuse(fmt::format("'{}' is no registrar: give HOST:PORT, such as 192.0.2.1:5060",
                                  options_.registrar));
    }
    PB_TRY(const SocketAddress address,
           resolve(std::string(registrar->host()), registrar->port().value_or(5060)));
    sip::RegistrationConfig config;
    config.registrar = *registrar;
    config.address_of_record = sip::Uri::sip(options_.user, registrar->host(), registrar->port());
    config.flows = {{.local = options_.listen, .remote = address}};
    if (!options_.password.reveal().empty()) {
        config.credentials =
            sip::Credentials{.username = options_.user, .password = options_.password, .realm = {}};
    }
    return config;
}

// Before the phone has begun its work, so that waiting here holds nothing up.
Expected<SocketAddress, std::string> PhoneProcess::resolve(const std::string& host,
                                                           std::uint16_t port) {
    if (const auto ip = IpAddress::parse(host)) {
        return SocketAddress{*ip, port};
    }
    std::optional<Result<std::vector<IpAddress>>> found;
    const net::Operation running = net::resolve(
        shard_, host,
        [&](Result<std::vector<IpAddress>> addresses) { found = std::move(addresses); });
    while (!found) {
        shard_.run_one();
    }
    for (const IpAddress& ip : found->value_or(std::vector<IpAddress>())) {
        if (ip.is_v6() == options_.listen.ip.is_v6()) {
            return SocketAddress{ip, port};
        }
    }
    return refuse(fmt::format("the name {} has no address that can be reached from {}", host,
                              options_.listen.ip.to_string()));
}

Expected<void, std::string> PhoneProcess::open_files() {
    if (!options_.play.empty() && !fs::is_regular_file(options_.play)) {
        return refuse(fmt::format("there is no file {} to play", options_.play));
    }
    if (options_.record.empty()) {
        return {};
    }
    const auto [folder, name] = folder_and_name(options_.record);
    auto jail = store::FileJail::make({folder});
    if (!jail) {
        return refuse(fmt::format("cannot record in {} ({})", folder, describe(jail.error())));
    }
    store::RecordingWriter writer(std::move(*jail), disk_);
    auto sink = writer.start({.file = name, .id = "phone"}, [](const store::RecordingReport&) {});
    if (!sink) {
        return refuse(fmt::format("cannot record ({})", describe(sink.error())));
    }
    listener_.record(std::move(*sink));
    return {};
}

Expected<void, std::string> PhoneProcess::place_call() {
    const auto uri = sip::Uri::parse(options_.call);
    if (!uri || !uri->is_sip_or_sips() || uri->host().empty()) {
        return refuse(fmt::format("'{}' cannot be called: give sip:user@host:port", options_.call));
    }
    PB_TRY(const SocketAddress address,
           resolve(std::string(uri->host()), uri->port().value_or(5060)));
    Result<void> placed;
    step([&](lab::PhoneOutputs& out) {
        placed = engine_->call(shard_.now(), options_.call, address, out);
    });
    return placed ? Expected<void, std::string>() : refuse(describe(placed.error()));
}

void PhoneProcess::quit() {
    if (stop_at_) {
        shard_.stop();
        return;
    }
    step([this](lab::PhoneOutputs& out) {
        engine_->hang_up(shard_.now(), out);
        engine_->sign_off(shard_.now(), out);
    });
    stop_soon();
}

void PhoneProcess::stop_soon() {
    stop_at_ = shard_.now() + kFarewell;
}

template <class Action>
void PhoneProcess::step(Action&& action) {
    if (!engine_) {
        return;
    }
    lab::PhoneOutputs out;
    action(out);
    for (sip::Transmit& transmit : out.transmits) {
        sip_.send(std::move(transmit));
    }
    for (const lab::PhoneEvent& event : out.events) {
        handle(event);
    }
    wakeup_.at(engine_->next_timeout());
}

void PhoneProcess::handle(const lab::PhoneEvent& event) {
    const WallTime now = wall_now();
    std::visit(
        Overloaded{
            [&](const lab::PhoneRinging& e) { print(lab::note::Ringing{now, e.caller}); },
            [&](const lab::PhoneAnswered& e) { begin_call(e); },
            [&](const lab::PhoneRejected& e) {
                print(lab::note::Rejected{now, e.status, e.reason});
                finish_call();
            },
            [&](const lab::PhoneEnded& e) {
                print(report(e));
                finish_call();
            },
            [](const lab::PhoneTransferred&) {},  // nobody here asks for one
            [&](const lab::PhoneDigit& e) {
                digits_ += e.digit;
                print(lab::note::Digit{now, std::string(1, e.digit)});
            },
            [&](const lab::PhoneSoundBegan& e) {
                print(lab::note::SoundBegan{wall_.at(e.at), e.level});
            },
            [&](const lab::PhoneSoundStopped& e) {
                print(lab::note::SoundStopped{wall_.at(e.at)});
            },
            [&](const lab::PhoneProblem& e) { print(lab::note::Problem{now, describe(e.error)}); },
            [&](const lab::PhoneRegistered& e) {
                print(lab::note::Registered{now, e.expires.count()});
            },
            [&](const lab::PhoneNotRegistered& e) {
                print(lab::note::NotRegistered{now, e.status});
            },
        },
        event);
}

lab::note::Ended PhoneProcess::report(const lab::PhoneEnded& ended) {
    const WallTime now = wall_now();  // the look at what was heard takes a while
    const lab::Listener::Heard heard = listener_.take();
    const rtp::SessionStatistics& rtp = ended.audio.session;
    lab::note::Ended note{.timestamp = now,
                          .by_far_end = ended.by_far_end,
                          .heard = heard.length.count(),
                          .level = heard.level,
                          .digits = std::exchange(digits_, {}),
                          .packets_received = static_cast<std::int64_t>(rtp.packets_received),
                          .packets_lost = rtp.packets_lost,
                          .jitter = in_milliseconds(rtp.jitter),
                          .packets_sent = static_cast<std::int64_t>(rtp.packets_sent)};
    for (const lab::Passage& passage : heard.passages) {
        note.passages.push_back(
            {passage.from.count(), passage.to.count(), passage.level, passage.frequency});
    }
    return note;
}

void PhoneProcess::begin_call(const lab::PhoneAnswered& answered) {
    was_answered_ = true;
    print(lab::note::Answered{wall_now(), answered.codec});
    if (options_.tone) {
        engine_->play(std::make_unique<media::ToneSource>(
            media::ToneSpec{.frequency = static_cast<double>(options_.tone->frequency),
                            .level = kToneLevel,
                            .length = options_.tone->length}));
    } else if (!options_.play.empty()) {
        const auto [folder, name] = folder_and_name(options_.play);
        if (auto jail = store::FileJail::make({folder})) {
            engine_->play(store::FileReader(std::move(*jail), disk_).open(name));
        }
    }
}

void PhoneProcess::finish_call() {
    ++calls_;
    if (options_.calls != 0 && calls_ >= options_.calls && !stop_at_) {
        quit();
    }
}

void PhoneProcess::print(const lab::PhoneNote& note) const {
    std::string line;
    if (options_.json) {
        line = lab::encode_note(note);
    } else if (std::holds_alternative<lab::note::SoundStopped>(note)) {
        return;  // told late and dated back; for a person the report says it in order
    } else {
        const auto at =
            Milliseconds(lab::timestamp_of(note).milliseconds - wall_.at(started_).milliseconds);
        line = fmt::format("{:>8} ms  {}", at.count(), lab::describe(note));
    }
    std::puts(line.c_str());
    std::fflush(stdout);
}

}  // namespace patchbay::app
