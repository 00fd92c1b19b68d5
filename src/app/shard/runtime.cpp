// SPDX-License-Identifier: Apache-2.0
#include "app/shard/runtime.hpp"

#include "app/calls/reports.hpp"
#include "app/page/sides.hpp"
#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "bridge/gateway.hpp"
#include "media/byte_source.hpp"
#include "sip/steering.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

namespace patchbay::app {
namespace {

// A call plays one frame every four ticks.
constexpr unsigned kPhases = 4;

bool is_web(std::string_view url) {
    return starts_with_ignoring_case(url, "http://") || starts_with_ignoring_case(url, "https://");
}

}  // namespace

ShardRuntime::ShardRuntime(net::Shard& shard, ShardRuntimeOptions options, SharedServices& services)
    : shard_(shard),
      services_(services),
      wall_(net::read_wall_anchor()),
      fetch_(std::move(options.fetch)),
      default_voice_(options.exchange.speech_provider),
      accounts_(options.exchange.speech_accounts),
      handler_(std::move(options.handler)),
      webhook_(shard,
               handler_,
               wall_,
               [this](call::SessionKey session) { application_missing(session); }),
      exchange_(std::move(options.exchange), wall_, random_),
      sip_(
          shard,
          [this](Instant now, const sip::Flow& flow, ByteView message) {
              route_sip(now, flow, message);
          },
          [this](Instant now, const sip::Flow& flow) { report_failure(now, flow); }),
      targets_(shard,
               std::move(options.targets),
               random_,
               [this](Instant now,
                      const SipTargets::Asker& asker,
                      const Result<std::vector<sip::Target>>& targets) {
                   targets_found(now, asker, targets);
               }),
      rtp_(shard,
           options.rtp,
           [this](Instant now,
                  call::RtpPort port,
                  RtpPorts::Socket socket,
                  const SocketAddress& from,
                  ByteView packet) { receive_rtp(now, port, socket, from, packet); }),
      peers_(shard, wall_, random_, options.peers, peer_handlers()),
      wakeup_(shard,
              [this](Instant now) {
                  step([&](call::Effects& out) { exchange_.handle_timeout(now, out); });
              }),
      records_(services.records, random_),
      sockets_(shard, socket_handlers()),
      voices_(shard, random_, wall_, services.speech_cache),
      precache_(shard, services.speech_cache),
      downloads_(shard, fetch_, services.media_cache),
      sides_(shard,
             wall_,
             random_,
             [this](Instant now, const sip::Flow& flow, ByteView message) {
                 handle_sip(now, flow, message);
             }),
      bridge_webhook_(shard, wall_) {
    shard_.on_tick([this](const net::Tick& tick) { handle_tick(tick); });
}

ShardRuntime::~ShardRuntime() = default;

void ShardRuntime::handle_tick(const net::Tick& tick) {
    step([&](call::Effects& out) {
        exchange_.tick(tick.now, static_cast<unsigned>(tick.number % kPhases), out);
    });
    let_go(tick.now);
    voices_.look(tick.now);
    precache_.look();
}

void ShardRuntime::receive_rtp(Instant now,
                               call::RtpPort port,
                               RtpPorts::Socket socket,
                               const SocketAddress& from,
                               ByteView packet) {
    step([&](call::Effects& out) {
        if (socket == RtpPorts::Socket::Rtcp) {
            exchange_.handle_rtcp(now, port, from, packet, out);
        } else {
            exchange_.handle_rtp(now, port, from, packet, out);
        }
    });
}

void ShardRuntime::drain() {
    draining_ = true;
    for (std::size_t i = 0; i < effects_.size(); ++i) {
        call::Effect effect = std::move(effects_[i]);
        std::visit([this](auto& one) { perform(std::move(one)); }, effect);
    }
    effects_.clear();
    draining_ = false;
    wakeup_.at(exchange_.next_timeout());
}

void ShardRuntime::refuse_new_calls() {
    exchange_.refuse_new_calls();
    step([&](call::Effects& out) { exchange_.stop_accounts(shard_.now(), out); });
}

void ShardRuntime::hang_up_all() {
    step([&](call::Effects& out) { exchange_.hang_up_all(shard_.now(), out); });
}

void ShardRuntime::receive_sip(const sip::Flow& flow, const std::string& message) {
    handle_sip(shard_.now(), flow, as_bytes(message));
}

void ShardRuntime::transmit_sip(sip::Transmit transmit) {
    sip_.send(std::move(transmit));
}

// Carriers send everything from one address, so the kernel may give a whole trunk to one shard's
// socket; the message itself says whose it is.
void ShardRuntime::route_sip(Instant now, const sip::Flow& flow, ByteView message) {
    if (!exchange_.admits_message(now, flow.remote.ip)) {
        return;
    }
    const auto count = static_cast<unsigned>(services_.runtimes.size());
    const unsigned owner = count < 2 ? shard_.index() : sip::steer(message, count);
    if (owner == shard_.index()) {
        handle_sip(now, flow, message);
        return;
    }
    ++counters_.sip_handed_over;
    ShardRuntime* runtime = services_.runtimes[owner];
    // A full mailbox drops the message, as a full socket buffer would; SIP repeats it.
    (void)runtime->shard_.post([runtime, flow, text = std::string(as_text(message))] {
        runtime->receive_sip(flow, text);
    });
}

void ShardRuntime::handle_sip(Instant now, const sip::Flow& flow, ByteView message) {
    trace_.add(wall_.at(now), SipTrace::Direction::Received, flow, message);
    const auto before = exchange_.learned_addresses();  // at most a handful, mostly none
    step([&](call::Effects& out) { exchange_.handle_sip(now, flow, message, out); });
    if (exchange_.learned_addresses() != before) {
        share_learned_addresses();
    }
}

void ShardRuntime::share_learned_addresses() {
    for (const auto& [ours, address] : exchange_.learned_addresses()) {
        spdlog::info("servers see {} as {}", ours.second.to_string(), address.to_string());
    }
    for (ShardRuntime* const runtime : services_.runtimes) {
        if (runtime != this) {
            (void)runtime->shard_.post([runtime, learned = exchange_.learned_addresses()] {
                runtime->exchange_.set_learned_addresses(learned);
            });
        }
    }
}

void ShardRuntime::perform(call::SendSip effect) {
    trace_.add(wall_.at(shard_.now()), SipTrace::Direction::Sent, effect.transmit.flow,
               as_bytes(effect.transmit.bytes));
    if (bridge::leads_to_side(effect.transmit.flow)) {
        return deliver_to_side(effect.transmit);
    }
    const std::uint64_t connection = effect.transmit.flow.connection;
    const unsigned owner = SipSockets::shard_of(connection);
    if (connection == 0 || owner == shard_.index() || owner >= services_.runtimes.size()) {
        sip_.send(std::move(effect.transmit));
        return;
    }
    ShardRuntime* runtime = services_.runtimes[owner];
    (void)runtime->shard_.post([runtime, transmit = std::move(effect.transmit)]() mutable {
        runtime->transmit_sip(std::move(transmit));
    });
}

// A connection may carry calls of every shard.
void ShardRuntime::report_failure(Instant now, const sip::Flow& flow) {
    for (ShardRuntime* const runtime : services_.runtimes) {
        if (flow.connection != 0 && runtime != this) {
            (void)runtime->shard_.post([runtime, flow] {
                runtime->step([&](call::Effects& out) {
                    runtime->exchange_.handle_sip_transport_error(runtime->shard_.now(), flow, out);
                });
            });
        }
    }
    step([&](call::Effects& out) { exchange_.handle_sip_transport_error(now, flow, out); });
}

void ShardRuntime::targets_found(Instant now,
                                 const SipTargets::Asker& asker,
                                 const Result<std::vector<sip::Target>>& targets) {
    step([&](call::Effects& out) {
        std::visit(Overloaded{[&](const call::LocateTarget& call) {
                                  exchange_.target_located(now, call, targets, out);
                              },
                              [&](const call::AccountLookup& account) {
                                  exchange_.registrar_located(now, account, targets, out);
                              },
                              [&](const call::TrunkLookup& trunk) {
                                  exchange_.trunk_located(now, trunk, targets, out);
                              }},
                   asker);
    });
}

void ShardRuntime::perform(const call::LocateTarget& effect) {
    targets_.locate(shard_.now(), effect, effect.uri);
}

void ShardRuntime::perform(const call::RestTarget& effect) {
    targets_.rest(shard_.now(), effect.target);
}

void ShardRuntime::perform(const call::LocateRegistrar& effect) {
    targets_.locate(shard_.now(), effect.lookup, effect.lookup.uri);
}

void ShardRuntime::perform(const call::LocateTrunk& effect) {
    targets_.locate(shard_.now(), effect.lookup, effect.lookup.uri);
}

void ShardRuntime::perform(const call::SourceBanned& effect) {
    spdlog::warn("{} is not listened to for a while: it guesses or scans",
                 effect.source.to_string());
}

void ShardRuntime::start_accounts() {
    step([&](call::Effects& out) { exchange_.start_accounts(shard_.now(), out); });
}

void ShardRuntime::perform(const call::OpenRtpPort& effect) {
    std::optional<IpAddress> learned;
    for (const auto& [ours, address] : exchange_.learned_addresses()) {
        if (address.ip.is_v6() == effect.peer.is_v6()) {
            learned = address.ip;
        }
    }
    auto endpoint = rtp_.open(effect.peer, learned);
    const Instant now = shard_.now();
    if (endpoint) {
        exchange_.rtp_opened(now, effect.session, *endpoint, effects_);
    } else {
        exchange_.rtp_failed(now, effect.session, endpoint.error(), effects_);
    }
}

void ShardRuntime::perform(const call::OpenPeerPort& effect) {
    peers_.open(shard_.now(), effect.session);
}

PeerPaths::Handlers ShardRuntime::peer_handlers() {
    return {.received =
                [this](Instant now, const webrtc::IcePath& path, ByteView datagram) {
                    step([&](call::Effects& out) {
                        exchange_.handle_peer_packet(now, path, datagram, out);
                    });
                },
            .opened =
                [this](Instant now, call::SessionKey session, const Result<call::PeerPort>& port) {
                    peer_port_opened(now, session, port);
                }};
}

void ShardRuntime::peer_port_opened(Instant now,
                                    call::SessionKey session,
                                    const Result<call::PeerPort>& port) {
    step([&](call::Effects& out) {
        if (port) {
            exchange_.peer_port_opened(now, session, *port, out);
        } else {
            exchange_.rtp_failed(now, session, port.error(), out);
        }
    });
}

void ShardRuntime::perform(const call::CloseRtpPort& effect) {
    rtp_.close(effect.port);
}

void ShardRuntime::perform(const call::OpenFile& effect) {
    ++counters_.files_opened;
    if (is_web(effect.url)) {
        fetch_file(effect);
        return;
    }
    constexpr std::string_view kFileScheme = "file://";
    std::string_view path = effect.url;
    if (starts_with_ignoring_case(path, kFileScheme)) {
        path.remove_prefix(kFileScheme.size());
    }
    exchange_.attach_source(shard_.now(), effect.playback,
                            services_.files.open(std::string(path), effect.offset, effect.loop),
                            effects_);
}

void ShardRuntime::perform(const call::OpenRecording& effect) {
    store::RecordingRequest request{
        .file = effect.option.recorder_file.value_or(""),
        .id = effect.id.value(),
        .sample_rate = static_cast<int>(effect.option.samplerate.value()),
        .flush_interval = effect.option.ptime.value(),
        .mono = effect.option.mono.value(),
        .format = effect.option.format.value_or("")};
    const std::size_t number = records_.recording_asked(effect.session);
    auto sink = services_.recordings.start(
        std::move(request),
        [this, session = effect.session, number](const store::RecordingReport& report) {
            (void)shard_.post(
                [this, session, number, report] { recording_report(session, number, report); });
        });
    const Instant now = shard_.now();
    if (sink) {
        exchange_.recording_opened(now, effect.session, std::move(*sink), effects_);
    } else {
        records_.recording_reported(effect.session, number, store::RecordingFailed{sink.error()});
        exchange_.recording_failed(now, effect.session, sink.error(), effects_);
    }
}

void ShardRuntime::perform(const call::OperationReported& effect) {
    services_.reports.tell(shard_.index(), effect);
}

void ShardRuntime::perform(const call::ThirdPartyReported& effect) {
    services_.reports.tell(shard_.index(), effect);
}

void ShardRuntime::perform(const call::SessionChanged& effect) {
    records_.changed(effect.summary);
    services_.directory.update(shard_.index(), effect.summary);
    counters_.set_up.note(shard_.now(), effect.summary.key, effect.summary.state);
    trace_.name(effect.summary.call_id, effect.summary.id);
    tell_changed(effect.summary);
}

void ShardRuntime::perform(const call::SessionBroken& effect) {
    if (effect.id.value().empty()) {
        return spdlog::error("a SIP message of no call met a fault of ours: {}", effect.report);
    }
    ++counters_.calls_broken;
    spdlog::error("call {} ended by a fault of ours: {}", effect.id.value(), effect.report);
}

// A call's client on loopback may name loopback; a call without a client names nothing.
bool ShardRuntime::is_local(call::SessionKey session) const {
    const auto client = audience_.client(session);
    return client && client->is_loopback();
}

void ShardRuntime::perform(const call::SendAudio& effect) {
    audience_.on_audio(effect.session, effect.bytes);
}

// Audio on the web plays while it is on its way.
void ShardRuntime::fetch_file(const call::OpenFile& effect) {
    auto opened = [this, playback = effect.playback, offset = effect.offset,
                   loop = effect.loop](Result<std::shared_ptr<media::ByteSource>> bytes) {
        step([&](call::Effects& out) {
            const Instant now = shard_.now();
            if (bytes) {
                exchange_.attach_source(now, playback,
                                        services_.files.open(std::move(*bytes), offset, loop), out);
            } else {
                exchange_.playback_failed(now, playback, bytes.error(), out);
            }
        });
    };
    const call::SessionKey session = effect.playback.session;
    net::Operation operation = downloads_.open(effect.url, is_local(session), std::move(opened));
    operations_[session].push_back(std::move(operation));
}

void ShardRuntime::recording_report(call::SessionKey session,
                                    std::size_t recording,
                                    const store::RecordingReport& report) {
    records_.recording_reported(session, recording, report);
    if (const auto* failed = std::get_if<store::RecordingFailed>(&report)) {
        ++counters_.recordings_failed;
        step([&](call::Effects& out) {
            exchange_.recording_failed(shard_.now(), session, failed->error, out);
        });
    } else if (const auto* closed = std::get_if<store::RecordingClosed>(&report)) {
        spdlog::info("recording {} closed: {} ms, {} bytes", closed->path,
                     whole_milliseconds(closed->duration).count(), closed->bytes);
    }
}

ShardCounters ShardRuntime::counters() const {
    ShardCounters copy = counters_;
    copy.sip = sip_.statistics();
    copy.rtp = rtp_.statistics();
    copy.shard = shard_.statistics();
    copy.calls = exchange_.session_count();
    copy.gate = exchange_.gate_counts();
    copy.accounts = exchange_.accounts(shard_.now());
    copy.trunks = exchange_.trunks();
    return copy;
}

std::vector<call::SessionSummary> ShardRuntime::summaries(
    std::span<const call::SessionId> ids) const {
    std::vector<call::SessionSummary> found;
    for (const call::SessionId& id : ids) {
        const auto key = exchange_.find(id);
        if (auto summary = key ? exchange_.summary(*key) : std::nullopt) {
            found.push_back(std::move(*summary));
        }
    }
    return found;
}

}  // namespace patchbay::app
