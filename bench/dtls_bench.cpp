// SPDX-License-Identifier: Apache-2.0
// What a handshake of DTLS-SRTP costs us, as the server and as the client of it: ECDSA P-256
// certificates of both, checked against their fingerprints, keys exported. The other side's work
// is not counted, nor what the machine does beside.
#include "webrtc/dtls/context.hpp"
#include "webrtc/dtls/transport.hpp"

#include <benchmark/benchmark.h>
#include <time.h>

#include <utility>
#include <vector>

namespace patchbay::webrtc {
namespace {

// Of this thread alone.
Nanoseconds cpu_time() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return Seconds(time.tv_sec) + Nanoseconds(time.tv_nsec);
}

struct Side {
    Side(const DtlsContext& own, DtlsRole role, const DtlsContext& other)
        : transport(own, role, {other.fingerprint()}) {}

    // Runs one input and keeps the time that it took.
    template <class Input>
    std::vector<Bytes> act(Input&& input) {
        DtlsOutputs out;
        const Nanoseconds begin = cpu_time();
        std::forward<Input>(input)(transport, out);
        spent += cpu_time() - begin;
        return std::move(out.datagrams);
    }
    std::vector<Bytes> take(Instant now, const std::vector<Bytes>& datagrams) {
        return act([&](DtlsTransport& one, DtlsOutputs& out) {
            for (const Bytes& datagram : datagrams) {
                one.handle_datagram(now, datagram, out);
            }
        });
    }

    DtlsTransport transport;
    Nanoseconds spent{0};
};

void handshake(benchmark::State& state) {
    SeededRandom random(1);
    const Instant now(Seconds(1));
    const auto ours = DtlsContext::make(WallTime{1'790'000'000'000}, random).value();
    const auto theirs = DtlsContext::make(WallTime{1'790'000'000'000}, random).value();
    const bool is_server = state.range(0) == 1;
    for ([[maybe_unused]] auto _ : state) {
        Side us(ours, is_server ? DtlsRole::Server : DtlsRole::Client, theirs);
        Side peer(theirs, is_server ? DtlsRole::Client : DtlsRole::Server, ours);
        const auto start = [&](DtlsTransport& one, DtlsOutputs& out) { one.start(now, out); };
        auto to_peer = us.act(start);
        auto to_us = peer.act(start);
        while (!to_us.empty() || !to_peer.empty()) {
            auto next = peer.take(now, std::exchange(to_peer, {}));
            to_us.insert(to_us.end(), next.begin(), next.end());
            to_peer = us.take(now, std::exchange(to_us, {}));
        }
        if (us.transport.state() != DtlsState::Connected) {
            state.SkipWithError("no connection");
            return;
        }
        state.SetIterationTime(std::chrono::duration<double>(us.spent).count());
    }
    state.SetItemsProcessed(state.iterations());
    state.SetLabel(is_server ? "server" : "client");
}
BENCHMARK(handshake)->Arg(1)->Arg(0)->UseManualTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace patchbay::webrtc
