// SPDX-License-Identifier: Apache-2.0
// What one 20 ms frame costs in each step of its path. Multiply by 50 for a second of one call.
#include "media/concealment.hpp"
#include "media/mix.hpp"
#include "media/resampler.hpp"
#include "media/rtp_track.hpp"
#include "media/tone.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace {

using namespace patchbay;
using namespace patchbay::media;

std::vector<std::int16_t> tone(std::size_t samples, int rate) {
    std::vector<std::int16_t> out(samples);
    ToneGenerator({.frequency = 440}, rate).generate(out);
    return out;
}

CodecShape codec(int index) {
    static const std::vector<CodecShape> all{*find_codec("PCMU", 8000), *find_codec("PCMA", 8000),
                                             *find_codec("G722", 8000), *find_codec("L16", 16000),
                                             *find_codec("opus", 48000)};
    return all[static_cast<std::size_t>(index)];
}

void encode(benchmark::State& state) {
    const CodecShape shape = codec(static_cast<int>(state.range(0)));
    state.SetLabel(std::string(shape.name));
    const auto encoder = *make_encoder(shape);
    const auto frame = tone(static_cast<std::size_t>(shape.sample_rate) / 50, shape.sample_rate);
    std::vector<std::uint8_t> payload(encoder->encoded_size(frame.size()));
    for (auto _ : state) {
        benchmark::DoNotOptimize(encoder->encode(frame, payload));
    }
}
BENCHMARK(encode)->DenseRange(0, 4);

void decode(benchmark::State& state) {
    const CodecShape shape = codec(static_cast<int>(state.range(0)));
    state.SetLabel(std::string(shape.name));
    const auto decoder = *make_decoder(shape);
    const std::vector<std::uint8_t> payload(static_cast<std::size_t>(shape.bytes_per_second) / 50,
                                            0x5A);
    std::vector<std::int16_t> frame(decoder->decoded_size(payload));
    for (auto _ : state) {
        benchmark::DoNotOptimize(decoder->decode(payload, frame));
    }
}
BENCHMARK(decode)->DenseRange(0, 3);

void resample(benchmark::State& state) {
    const auto from = static_cast<int>(state.range(0));
    const auto to = static_cast<int>(state.range(1));
    auto resampler = *Resampler::make(from, to);
    const auto in = tone(static_cast<std::size_t>(from) / 50, from);
    std::vector<std::int16_t> out(static_cast<std::size_t>(to) / 50 + 1);
    for (auto _ : state) {
        benchmark::DoNotOptimize(resampler.process(in, out));
    }
}
BENCHMARK(resample)->Args({8000, 16000})->Args({16000, 8000})->Args({44100, 16000});

void conceal(benchmark::State& state) {
    Concealment concealment(8000);
    auto good = tone(160, 8000);
    std::vector<std::int16_t> lost(160);
    for (auto _ : state) {
        concealment.remember(good);
        concealment.conceal(lost);  // the pitch search included
    }
}
BENCHMARK(conceal);

void mix(benchmark::State& state) {
    auto a = tone(kFrameSamples, kSampleRate);
    const auto b = tone(kFrameSamples, kSampleRate);
    for (auto _ : state) {
        mix_into(a, b);
        benchmark::DoNotOptimize(a.data());
    }
}
BENCHMARK(mix);

// One packet in, one frame out, one frame in, one packet out: all that a call costs per 20 ms
// before the sockets. `listened`: whether anybody reads the audio.
void track(benchmark::State& state, bool listened) {
    struct Loop final : PacketSink {
        Bytes last;
        void send(const SocketAddress&, ByteView packet) override {
            last.assign(packet.begin(), packet.end());
        }
    } sink;
    const CodecShape shape = codec(static_cast<int>(state.range(0)));
    state.SetLabel(std::string(shape.name));
    SeededRandom random(1);
    Instant now(Seconds(1));
    RtpTrack track(random, {});
    const SocketAddress remote{IpAddress::v4(127, 0, 0, 1), 4000};
    // Without telephone events keys would have to be looked for in the audio, heard or not.
    (void)track.configure(now,
                          {.format = {.codec = shape, .payload_type = 0, .telephone_event = 101},
                           .remote = {.rtp = remote, .rtcp = remote}});
    TrackOutputs out;
    Frame said;
    ToneGenerator({.frequency = 440}).generate(said);
    Frame heard;
    for (auto _ : state) {
        track.write(now, said, sink);
        track.handle_packet(now, remote, sink.last, out);
        if (listened) {
            benchmark::DoNotOptimize(track.read(now, heard));
        } else {
            track.skip(now);
        }
        now += kFrameTime;
    }
}
BENCHMARK_CAPTURE(track, listened, true)->DenseRange(0, 4);
BENCHMARK_CAPTURE(track, unheard, false)->DenseRange(0, 4);

// One packet of one party to the other: undecoded, or as a frame. `encrypted`: SRTP on both sides.
struct Kept final : PacketSink {
    Bytes last;
    void send(const SocketAddress&, ByteView packet) override {
        last.assign(packet.begin(), packet.end());
    }
};

void pass_on(benchmark::State& state, bool undecoded, bool encrypted) {
    SeededRandom random(1);
    Instant now(Seconds(1));
    const SocketAddress remote{IpAddress::v4(127, 0, 0, 1), 4000};
    TrackSettings settings{.format = {.codec = codec(0), .telephone_event = 101},
                           .remote = {.rtp = remote, .rtcp = remote}};
    if (encrypted) {
        const rtp::SrtpKey key{rtp::SrtpProfile::AeadAes128Gcm, Secret(Bytes(28, 7))};
        settings.srtp = rtp::SrtpKeys{key, key};
    }
    RtpTrack phone(random, {});
    RtpTrack here(random, {});
    RtpTrack there(random, {});
    for (RtpTrack* const track : {&phone, &here, &there}) {
        (void)track->configure(now, settings);
    }
    if (undecoded) {
        RelayFormats formats;
        formats.add(0, 0);
        here.relay(formats);
    }
    Kept said;
    Kept passed;
    Frame frame{};
    for (auto _ : state) {
        state.PauseTiming();
        phone.write(now, frame, said);
        now += kFrameTime;
        state.ResumeTiming();
        TrackOutputs out;
        here.handle_packet(now, remote, said.last, out);
        if (out.relayed) {
            there.send_relayed(*out.relayed, passed);
            there.idle(now, passed);
        } else {
            here.read(now, frame);
            there.write(now, frame, passed);
        }
    }
}
BENCHMARK_CAPTURE(pass_on, undecoded, true, false);
BENCHMARK_CAPTURE(pass_on, undecoded_srtp, true, true);
BENCHMARK_CAPTURE(pass_on, as_frames, false, false);

}  // namespace
