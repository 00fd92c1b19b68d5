// SPDX-License-Identifier: Apache-2.0
// What one packet costs on its way in and out, without sockets and codecs.
#include "rtp/jitter_buffer.hpp"
#include "rtp/limits.hpp"
#include "rtp/sender.hpp"
#include "rtp/source_guard.hpp"

#include <benchmark/benchmark.h>

#include <array>

namespace patchbay::rtp {
namespace {

constexpr std::uint32_t kTicks = 160;

void write_packet(benchmark::State& state) {
    SeededRandom random(1);
    Sender sender(random);
    const Bytes payload(kTicks, 0xFF);
    std::array<std::uint8_t, limits::kPacket> buffer{};
    for (auto _ : state) {
        benchmark::DoNotOptimize(sender.write(0, payload, kTicks, buffer));
    }
}
BENCHMARK(write_packet);

void parse_and_judge_packet(benchmark::State& state) {
    SeededRandom random(1);
    Sender sender(random);
    const Bytes payload(kTicks, 0xFF);
    std::array<std::uint8_t, limits::kPacket> buffer{};
    const ByteView datagram = sender.write(0, payload, kTicks, buffer);
    const SocketAddress peer{IpAddress::v4(192, 0, 2, 1), 4000};
    SourceGuard guard(SourceGuard::Policy::Learn);
    guard.handle_description({peer, peer});
    for (auto _ : state) {
        const auto packet = RtpPacketView::parse(datagram);
        benchmark::DoNotOptimize(guard.handle_packet(Instant{}, peer, packet->header));
    }
}
BENCHMARK(parse_and_judge_packet);

void insert_and_take(benchmark::State& state) {
    JitterBuffer buffer({.clock_rate = 8000, .delay = {}});
    const Bytes payload(kTicks, 0xFF);
    RtpHeader header;
    Instant now(Seconds(1000));
    for (auto _ : state) {
        buffer.insert(now, header, payload, kTicks);
        benchmark::DoNotOptimize(buffer.take(now));
        ++header.sequence;
        header.timestamp += kTicks;
        now += Milliseconds(20);
    }
}
BENCHMARK(insert_and_take);

}  // namespace
}  // namespace patchbay::rtp
