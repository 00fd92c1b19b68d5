// SPDX-License-Identifier: Apache-2.0
// What one tick costs per call: 20 ms of play-out of a file in PCMU, nobody recording. Multiply by
// 50 for a second of one call.
#include "call/exchange.hpp"
#include "media/memory_source.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace patchbay;

class NullSink final : public media::PacketSink {
  public:
    void send(const SocketAddress& /*to*/, ByteView packet) override {
        benchmark::DoNotOptimize(packet.data());
    }
};

const SocketAddress kServer{IpAddress::v4(192, 0, 2, 1), 5060};
const SocketAddress kPhone{IpAddress::v4(192, 0, 2, 2), 5060};

std::string invite(int call) {
    const std::string sdp =
        "v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n"
        "m=audio 30000 RTP/AVP 0\r\n";
    const std::string id = std::to_string(call);
    return "INVITE sip:tone@192.0.2.1 SIP/2.0\r\n"
           "Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK" +
           id +
           "\r\n"
           "Max-Forwards: 70\r\n"
           "From: <sip:bench@192.0.2.2>;tag=f" +
           id +
           "\r\n"
           "To: <sip:tone@192.0.2.1>\r\n"
           "Call-ID: bench" +
           id +
           "\r\n"
           "CSeq: 1 INVITE\r\n"
           "Contact: <sip:bench@192.0.2.2:5060>\r\n"
           "Content-Type: application/sdp\r\n"
           "Content-Length: " +
           std::to_string(sdp.size()) + "\r\n\r\n" + sdp;
}

// Answers what the calls ask for, and makes each of them play a long file.
void serve(call::Exchange& exchange, Instant now, call::Effects& effects, NullSink& sink) {
    static std::uint16_t port = 20000;
    for (std::size_t i = 0; i < effects.size(); ++i) {
        const call::Effect effect = std::move(effects[i]);
        if (const auto* open = std::get_if<call::OpenRtpPort>(&effect)) {
            port = static_cast<std::uint16_t>(port + 2);
            exchange.rtp_opened(now, open->session,
                                {call::RtpPort(port), {kServer.ip, port}, &sink}, effects);
            exchange.handle_command(now, open->session,
                                    {call::command::Play{.url = "file.wav"}, {}}, effects);
        } else if (const auto* file = std::get_if<call::OpenFile>(&effect)) {
            std::vector<std::int16_t> samples(16000 * 60, std::int16_t{1234});
            exchange.attach_source(now, file->playback,
                                   std::make_unique<media::MemorySource>(std::move(samples)),
                                   effects);
        }
    }
    effects.clear();
}

void tick_per_call(benchmark::State& state) {
    SystemRandom random;
    NullSink sink;
    call::Exchange exchange({}, WallAnchor{}, random);
    call::Effects effects;
    Instant now{Seconds(1000)};
    const auto calls = static_cast<int>(state.range(0));
    for (int i = 0; i < calls; ++i) {
        const std::string text = invite(i);
        exchange.handle_sip(now,
                            {.transport = sip::Transport::Udp, .local = kServer, .remote = kPhone},
                            as_bytes(text), effects);
        serve(exchange, now, effects, sink);
    }
    for (auto _ : state) {
        now += Milliseconds(20);
        exchange.tick(now, 0, effects);
        effects.clear();
    }
    state.counters["per_call"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * calls,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
// 2500 frames are 50 s: within the file.
BENCHMARK(tick_per_call)->Arg(1)->Arg(50)->Iterations(2500);

}  // namespace
