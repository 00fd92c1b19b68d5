// SPDX-License-Identifier: Apache-2.0
// Counts what `new` is asked for in this test program: the frame path must not ask at all.
#include "media/mix.hpp"
#include "media/ring_source.hpp"
#include "media/rtp_track.hpp"
#include "media/tone.hpp"
#include "rtp/packet.hpp"
#include "support/srtp_keys.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

namespace {

std::atomic<long> allocations{0};

}  // namespace

// Not inlined: GCC would see free() meet a pointer of the library's own `new` and call it a
// mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* const memory = std::malloc(size > 0 ? size : 1)) {
        return memory;
    }
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace patchbay::media {
namespace {

// Keeps the last RTP packet, so that a track can hear itself, and notices reports.
struct Echo final : PacketSink {
    std::array<std::uint8_t, 2048> bytes{};
    std::size_t size = 0;
    bool reported = false;

    void send(const SocketAddress&, ByteView packet) override {
        if (rtp::classify(packet) == rtp::PacketKind::Rtcp) {
            reported = true;
            return;
        }
        size = packet.size();
        std::copy(packet.begin(), packet.end(), bytes.begin());
    }
};

class FramePath : public testing::TestWithParam<std::string> {};

TEST_P(FramePath, AllocatesNothingOnceEveryJitterSlotWasUsed) {
    SeededRandom random(1);
    Instant now(Seconds(1));
    RtpTrack track(random, {});
    const SocketAddress remote{IpAddress::v4(127, 0, 0, 1), 4000};
    const auto codec = *find_codec(GetParam(), GetParam() == "L16" ? 16000 : 8000);
    ASSERT_TRUE(track.configure(now, {.format = {.codec = codec, .payload_type = 96},
                                      .remote = {.rtp = remote, .rtcp = remote}}));
    Echo echo;
    TrackOutputs out;
    ToneSource tone({.frequency = 440});
    Frame frame{};
    constexpr int kWarmUp = 500;
    for (int tick = 0; tick < 1000; ++tick) {
        const long before = allocations;
        tone.read(frame);
        track.write(now, frame, echo);
        if (tick % 19 != 7) {
            track.handle_packet(now, remote, ByteView(echo.bytes).first(echo.size), out);
        }
        track.read(now, frame);
        apply_gain(frame, 0.5F);
        now += kFrameTime;
        const bool reported = std::exchange(echo.reported, false);
        ASSERT_TRUE(tick < kWarmUp || reported || allocations == before) << "tick " << tick;
    }
}

INSTANTIATE_TEST_SUITE_P(Codecs,
                         FramePath,
                         testing::Values("PCMU", "PCMA", "G722", "L16"),
                         [](const auto& param_info) { return param_info.param; });

class RelayPath : public testing::TestWithParam<bool> {};

// Through two tracks, with keys or without, telephone events included.
TEST_P(RelayPath, AllocatesNothing) {
    SeededRandom random(1);
    Instant now(Seconds(1));
    const SocketAddress remote{IpAddress::v4(127, 0, 0, 1), 4000};
    TrackSettings settings{.format = {.codec = *find_codec("PCMU", 8000), .telephone_event = 101},
                           .remote = {.rtp = remote, .rtcp = remote}};
    if (GetParam()) {
        const auto key = test::srtp_key(rtp::SrtpProfile::AeadAes128Gcm);
        settings.srtp = rtp::SrtpKeys{key, key};
    }
    RtpTrack phone(random, {});
    RtpTrack here(random, {});
    RtpTrack there(random, {});
    for (RtpTrack* const track : {&phone, &here, &there}) {
        ASSERT_TRUE(track->configure(now, settings));
    }
    RelayFormats formats;
    formats.add(0, 0);
    formats.add(101, 101);
    here.relay(formats);
    Echo said;
    Echo passed;
    for (int tick = 0; tick < 1000; ++tick) {
        if (tick == 700) {
            ASSERT_TRUE(phone.send_digits("1"));
        }
        said.size = 0;
        phone.write(now, Frame{}, said);
        now += kFrameTime;
        if (said.size == 0) {
            continue;  // the pause after the key
        }
        const long before = allocations;
        TrackOutputs out;
        here.handle_packet(now, remote, ByteView(said.bytes).first(said.size), out);
        ASSERT_TRUE(out.relayed);
        there.send_relayed(*out.relayed, passed);
        there.idle(now, passed);
        const bool reported = std::exchange(passed.reported, false);
        const bool key_told = !out.events.empty();
        ASSERT_TRUE(tick < 10 || reported || key_told || allocations == before) << tick;
    }
    EXPECT_GT(passed.size, 160U);
}

INSTANTIATE_TEST_SUITE_P(PlainAndEncrypted, RelayPath, testing::Bool());

TEST(Ring, PlayingItAllocatesNothing) {
    auto [source, feeder] = make_ring_source(Seconds(1));
    ASSERT_TRUE(feeder.write(std::vector<std::int16_t>(8000, 1)));
    Frame frame;
    const long before = allocations;
    for (int i = 0; i < 30; ++i) {
        source->read(frame);
    }
    EXPECT_EQ(allocations - before, 0);
}

}  // namespace
}  // namespace patchbay::media
