// SPDX-License-Identifier: Apache-2.0
#include "app/server/metrics.hpp"

#include "api/messages/status.hpp"
#include "api/prometheus.hpp"
#include "app/server/process_memory.hpp"
#include "app/version.hpp"

#include <fmt/format.h>

#include <array>
#include <map>

namespace patchbay::app {
namespace {

double seconds(Nanoseconds d) {
    return std::chrono::duration<double>(d).count();
}

template <class Member>
double sum(std::span<const ShardSnapshot> shards, Member member) {
    double total = 0;
    for (const ShardSnapshot& shard : shards) {
        total += static_cast<double>(member(shard));
    }
    return total;
}

void write_calls(api::PrometheusText& out, std::span<const ShardSnapshot> shards) {
    out.gauge("patchbay_calls", "Calls in progress.",
              sum(shards, [](const auto& s) { return s.runtime.calls; }));
    out.counter("patchbay_calls_begun_total", "Calls that a client began.",
                sum(shards, [](const auto& s) { return s.runtime.calls_begun; }));
    out.counter("patchbay_calls_answered_total", "Calls that ended after an answer.",
                sum(shards, [](const auto& s) { return s.runtime.calls_answered; }));
    std::map<int, std::uint64_t> ended;
    for (const ShardSnapshot& shard : shards) {
        for (const auto& [status, count] : shard.runtime.calls_ended) {
            ended[status] += count;
        }
    }
    for (const auto& [status, count] : ended) {
        out.counter("patchbay_calls_ended_total",
                    "Calls that ended, by the SIP status that stands for them.",
                    static_cast<double>(count), {{"status", fmt::format("{}", status)}});
    }
    SetUpTimes set_up;
    for (const ShardSnapshot& shard : shards) {
        set_up.add(shard.runtime.set_up);
    }
    set_up.write(out, "patchbay_call_set_up_seconds",
                 "From the INVITE to the first ringing or answer.");
    out.counter("patchbay_calls_broken_total", "Calls ended by a fault of the server.",
                sum(shards, [](const auto& s) { return s.runtime.calls_broken; }));
}

void write_sip(api::PrometheusText& out, std::span<const ShardSnapshot> shards) {
    constexpr std::string_view kMessages = "patchbay_sip_messages_total";
    constexpr std::string_view kMessagesHelp = "SIP messages on the wire, repeats included.";
    out.counter(kMessages, kMessagesHelp,
                sum(shards, [](const auto& s) { return s.runtime.sip.messages_received; }),
                {{"direction", "in"}});
    out.counter(kMessages, kMessagesHelp,
                sum(shards, [](const auto& s) { return s.runtime.sip.messages_sent; }),
                {{"direction", "out"}});
    out.counter("patchbay_sip_send_failures_total", "SIP messages that could not be sent.",
                sum(shards, [](const auto& s) { return s.runtime.sip.send_failures; }));
    out.counter("patchbay_sip_framing_errors_total",
                "TCP connections closed because their bytes were no SIP.",
                sum(shards, [](const auto& s) { return s.runtime.sip.framing_errors; }));
    out.counter("patchbay_sip_half_spoken_total",
                "SIP connections closed because a message did not end in time.",
                sum(shards, [](const auto& s) { return s.runtime.sip.half_spoken; }));
    out.counter("patchbay_sip_gone_silent_total",
                "SIP connections closed because keep-alives were not answered.",
                sum(shards, [](const auto& s) { return s.runtime.sip.gone_silent; }));
    out.gauge("patchbay_sip_connections", "Open SIP connections: TCP, TLS and WebSocket.",
              sum(shards, [](const auto& s) { return s.runtime.sip.connections; }));
    out.counter("patchbay_sip_handed_over_total",
                "SIP messages that arrived at another shard than the call's.",
                sum(shards, [](const auto& s) { return s.runtime.sip_handed_over; }));
}

void write_rtp(api::PrometheusText& out, std::span<const ShardSnapshot> shards) {
    constexpr std::string_view kPackets = "patchbay_rtp_packets_total";
    constexpr std::string_view kPacketsHelp = "RTP and RTCP packets on the wire.";
    out.counter(kPackets, kPacketsHelp,
                sum(shards, [](const auto& s) { return s.runtime.rtp.packets_received; }),
                {{"direction", "in"}});
    out.counter(kPackets, kPacketsHelp,
                sum(shards, [](const auto& s) { return s.runtime.rtp.packets_sent; }),
                {{"direction", "out"}});
    out.counter("patchbay_rtp_send_errors_total", "RTP and RTCP packets that the system refused.",
                sum(shards, [](const auto& s) { return s.runtime.rtp.send_errors; }));
    out.gauge("patchbay_rtp_ports_in_use", "RTP ports of calls in progress.",
              sum(shards, [](const auto& s) { return s.runtime.rtp.in_use; }));
    out.gauge("patchbay_rtp_ports", "RTP ports that exist.",
              sum(shards, [](const auto& s) { return s.runtime.rtp.capacity; }));
}

void write_work(api::PrometheusText& out, std::span<const ShardSnapshot> shards) {
    out.counter("patchbay_speech_started_total", "Sentences given to a synthesizer.",
                sum(shards, [](const auto& s) { return s.runtime.speech_started; }));
    out.counter("patchbay_files_opened_total", "Files and URLs opened for playback.",
                sum(shards, [](const auto& s) { return s.runtime.files_opened; }));
    out.counter("patchbay_recordings_failed_total",
                "Recordings that could not be opened or written.",
                sum(shards, [](const auto& s) { return s.runtime.recordings_failed; }));
}

void write_control(api::PrometheusText& out, std::span<const ShardSnapshot> shards) {
    out.gauge("patchbay_control_sockets", "Open WebSockets that control a call.",
              sum(shards, [](const auto& s) { return s.control_sockets; }));
    out.counter("patchbay_commands_total", "Text messages of clients.",
                sum(shards, [](const auto& s) { return s.control.commands; }));
    out.counter("patchbay_commands_malformed_total",
                "Text messages of clients that were no command.",
                sum(shards, [](const auto& s) { return s.control.malformed_commands; }));
    out.counter("patchbay_events_total", "Events sent to clients.",
                sum(shards, [](const auto& s) { return s.control.events; }));
    out.counter("patchbay_control_audio_received_total", "Audio messages of clients.",
                sum(shards, [](const auto& s) { return s.control.audio_received; }));
    out.counter("patchbay_control_audio_sent_total", "Audio messages to clients.",
                sum(shards, [](const auto& s) { return s.control.audio_sent; }));
    out.gauge("patchbay_http_connections", "Open HTTP connections and WebSockets.",
              sum(shards, [](const auto& s) { return s.http_connections; }));
    out.counter("patchbay_http_refused_total", "HTTP connections refused by a limit.",
                sum(shards, [](const auto& s) { return s.http_refused; }));
}

// One sample for each shard under one head, as the format wants.
template <class Member>
void per_shard(api::PrometheusText& out,
               std::span<const ShardSnapshot> shards,
               std::string_view name,
               std::string_view help,
               Member member) {
    for (const ShardSnapshot& shard : shards) {
        out.gauge(name, help, member(shard), {{"shard", fmt::format("{}", shard.index)}});
    }
}

void write_shards(api::PrometheusText& out, std::span<const ShardSnapshot> shards) {
    per_shard(out, shards, "patchbay_shard_calls", "Calls in progress, by shard.",
              [](const auto& s) { return static_cast<double>(s.runtime.calls); });
    per_shard(out, shards, "patchbay_tick_lateness_p99_seconds",
              "Lateness of the media clock since the start, 99th percentile.",
              [](const auto& s) { return seconds(s.runtime.shard.lateness.percentile(0.99)); });
    per_shard(out, shards, "patchbay_tick_lateness_worst_seconds",
              "Lateness of the media clock since the start, worst.",
              [](const auto& s) { return seconds(s.runtime.shard.lateness.worst()); });
    out.counter("patchbay_ticks_skipped_total", "Media ticks that a held-up shard gave up.",
                sum(shards, [](const auto& s) { return s.runtime.shard.skipped_ticks; }));
    out.counter("patchbay_stalls_total", "Callbacks that held a shard up for more than 5 ms.",
                sum(shards, [](const auto& s) { return s.runtime.shard.stalls; }));
    out.counter("patchbay_faults_total", "Callbacks that ended with an exception.",
                sum(shards, [](const auto& s) { return s.runtime.shard.faults; }));
    out.counter("patchbay_mailbox_refused_total",
                "Messages between shards that a full mailbox refused.",
                sum(shards, [](const auto& s) { return s.runtime.shard.refused_posts; }));
}

template <class Member>
void gate_counter(api::PrometheusText& out,
                  std::span<const ShardSnapshot> shards,
                  std::string_view reason,
                  Member member) {
    out.counter("patchbay_sip_refused_total",
                "Requests and messages that the door turned away, by reason.",
                sum(shards, [&](const auto& s) { return member(s.runtime.gate); }),
                {{"reason", std::string(reason)}});
}

void write_gate(api::PrometheusText& out, std::span<const ShardSnapshot> shards) {
    using Gate = call::InboundGate::Counts;
    gate_counter(out, shards, "flood", [](const Gate& g) { return g.flooded; });
    gate_counter(out, shards, "banned", [](const Gate& g) { return g.banned; });
    gate_counter(out, shards, "scanner", [](const Gate& g) { return g.scanners; });
    gate_counter(out, shards, "address", [](const Gate& g) { return g.addresses_refused; });
    gate_counter(out, shards, "password", [](const Gate& g) { return g.wrong_passwords; });
    gate_counter(out, shards, "unknown_user", [](const Gate& g) { return g.unknown_users; });
    gate_counter(out, shards, "user_rate", [](const Gate& g) { return g.users_too_fast; });
    gate_counter(out, shards, "overload", [](const Gate& g) { return g.overloaded; });
    gate_counter(out, shards, "quota", [](const Gate& g) { return g.over_quota; });
    gate_counter(out, shards, "loop", [](const Gate& g) { return g.loops; });
    gate_counter(out, shards, "denied_number", [](const Gate& g) { return g.denied_numbers; });
    out.counter("patchbay_sip_challenges_total", "Requests that were asked for a password.",
                sum(shards, [](const auto& s) { return s.runtime.gate.challenged; }));
    out.counter("patchbay_sip_proved_total", "Requests whose sender proved to be a user.",
                sum(shards, [](const auto& s) { return s.runtime.gate.proved; }));
    out.counter("patchbay_sip_strikes_total", "Guesses of passwords, users and numbers.",
                sum(shards, [](const auto& s) { return s.runtime.gate.strikes; }));
    out.counter("patchbay_sip_bans_total", "Sources that were banned for a time.",
                sum(shards, [](const auto& s) { return s.runtime.gate.bans; }));
    out.counter("patchbay_overloads_total", "Times that a shard was too late for new calls.",
                sum(shards, [](const auto& s) { return s.runtime.gate.overload_times; }));
}

void write_services(api::PrometheusText& out,
                    std::span<const ShardSnapshot> shards,
                    const ServerServices::Counts& services) {
    if (services.registrar) {
        out.gauge("patchbay_registered_users", "Users who are registered here.",
                  static_cast<double>(services.locations.users));
        out.gauge("patchbay_registered_contacts", "Contacts of users who are registered here.",
                  static_cast<double>(services.locations.bindings));
    }
    for (const auto& [trunk, calls] : services.trunk_calls) {
        out.gauge("patchbay_trunk_calls", "Calls in progress, by trunk.",
                  static_cast<double>(calls), {{"trunk", trunk}});
    }
    for (const ShardSnapshot& shard : shards) {
        for (const call::AccountStatus& account : shard.runtime.accounts) {
            const bool registered = account.state == sip::Registration::State::Registered;
            out.gauge("patchbay_registration_up", "Whether an account of ours is registered.",
                      registered ? 1 : 0, {{"name", account.name}});
        }
    }
    for (const ShardSnapshot& shard : shards) {
        for (const call::TrunkStatus& trunk : shard.runtime.trunks) {
            out.gauge("patchbay_trunk_up", "Whether an address of a trunk answers pings.",
                      trunk.state == call::TrunkState::Up ? 1 : 0,
                      {{"trunk", trunk.trunk}, {"address", trunk.address}});
        }
    }
}

}  // namespace

std::string write_metrics(std::span<const ShardSnapshot> shards, const ServerCounts& server) {
    api::PrometheusText out;
    out.gauge("patchbay_info", "The running version.", 1, {{"version", version()}});
    out.gauge("patchbay_uptime_seconds", "Time since the start.", seconds(server.uptime));
    out.counter("patchbay_tls_reloads_refused_total",
                "Certificates that could not be read again, so that the old ones stayed.",
                static_cast<double>(server.tls_reloads_refused));
    out.gauge("patchbay_resident_memory_bytes", "Physical memory of the process.",
              static_cast<double>(resident_memory()));
    write_calls(out, shards);
    write_sip(out, shards);
    write_rtp(out, shards);
    write_work(out, shards);
    write_control(out, shards);
    write_shards(out, shards);
    write_gate(out, shards);
    write_services(out, shards, server.services);
    return out.text();
}

std::string write_health(const ServerHealth& health) {
    api::Health body{.status = health.draining ? "draining" : "ok",
                     .version = std::string(version()),
                     .uptime = std::chrono::duration_cast<Seconds>(health.uptime).count(),
                     .calls = health.calls,
                     .shards = health.shards,
                     .registrations = {},
                     .trunks = {}};
    for (const call::AccountStatus& account : health.accounts) {
        if (!body.registrations) {
            body.registrations.emplace();
        }
        body.registrations->push_back({.name = account.name,
                                       .registrar = account.registrar,
                                       .state = std::string(sip::to_string(account.state)),
                                       .status = account.last_status,
                                       .failures = account.failures});
    }
    for (const call::TrunkStatus& trunk : health.trunks) {
        if (!body.trunks) {
            body.trunks.emplace();
        }
        body.trunks->push_back({.name = trunk.trunk,
                                .address = trunk.address,
                                .state = std::string(call::to_string(trunk.state)),
                                .status = trunk.last_status});
    }
    return api::encode_body(body);
}

}  // namespace patchbay::app
