// SPDX-License-Identifier: Apache-2.0
#include "app/metrics.hpp"

#include "api/messages/status.hpp"
#include "api/prometheus.hpp"
#include "app/process_memory.hpp"
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
    out.counter("patchbay_control_binary_refused_total",
                "Binary messages on paths that carry none.",
                sum(shards, [](const auto& s) { return s.control.stray_binary; }));
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
    return out.text();
}

std::string write_health(bool draining, Nanoseconds uptime, std::size_t calls, std::size_t shards) {
    return api::encode_body(
        api::Health{.status = draining ? "draining" : "ok",
                    .version = std::string(version()),
                    .uptime = std::chrono::duration_cast<Seconds>(uptime).count(),
                    .calls = calls,
                    .shards = shards});
}

}  // namespace patchbay::app
