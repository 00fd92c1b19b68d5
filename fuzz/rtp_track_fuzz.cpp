// SPDX-License-Identifier: Apache-2.0
// A whole RTP stream with every codec: the fuzzer writes the packets and moves the clock. Payloads
// of Opus, G.722, comfort noise and telephone events go through their decoders, and whatever comes,
// frames come out, packets that are passed on keep their order, and no number is used twice.
#include "media/rtp_track.hpp"

#include "base/ensure.hpp"
#include "rtp/sequence.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>

using namespace patchbay;

namespace {

const SocketAddress kPeer{IpAddress::v4(192, 0, 2, 1), 4000};

struct Numbers final : media::PacketSink {
    rtp::SequenceUnwrapper sequences;
    std::set<std::int64_t> used;

    void send(const SocketAddress&, ByteView packet) override {
        if (rtp::classify(packet) != rtp::PacketKind::Rtp) {
            return;
        }
        const auto parsed = rtp::RtpPacketView::parse(packet);
        PB_ENSURE(parsed.has_value());
        PB_ENSURE(used.insert(sequences.unwrap(parsed->header.sequence)).second);
    }
};

media::TrackSettings settings() {
    const auto shape = [](const char* name, int rate) { return *media::find_codec(name, rate); };
    media::TrackSettings out;
    out.format = {.codec = shape("opus", 48000), .payload_type = 111, .telephone_event = 101};
    out.format.encoder.complexity = 0;
    out.receive_formats = media::ReceiveFormats{.codecs = {{shape("opus", 48000), 111},
                                                           {shape("PCMU", 8000), 0},
                                                           {shape("G722", 8000), 9},
                                                           {shape("L16", 16000), 96}},
                                                .telephone_event = 101,
                                                .comfort_noise = 13};
    out.remote = {.rtp = kPeer, .rtcp = kPeer};
    return out;
}

class Stream {
  public:
    Stream() {
        PB_ENSURE(track_.configure(now_, settings()).has_value());
        media::TrackSettings there = settings();
        PB_ENSURE(other_.configure(now_, there).has_value());
    }

    // A byte says what happens, for a packet a second one how long it is.
    void step(ByteView& input) {
        constexpr std::array<std::uint8_t, 6> kTypes{111, 0, 9, 96, 101, 13};
        const std::uint8_t what = input[0];
        input = input.subspan(1);
        if (what < 192) {
            header_.payload_type = kTypes.at(what % kTypes.size());
            header_.marker = what % 7 == 0;
            header_.sequence = static_cast<std::uint16_t>(header_.sequence + 1 + (what >= 186));
            header_.timestamp += header_.payload_type == 111 ? 960 : 160;
            packet(input);
        } else if (what < 240) {
            tick();
        } else if (what < 250) {
            header_.sequence = static_cast<std::uint16_t>(header_.sequence + what * 77);
            header_.timestamp += what * 777U;
        } else {
            relay(what % 2 == 0);
        }
    }

  private:
    void packet(ByteView& input) {
        const std::size_t length =
            input.empty() ? 0 : std::min<std::size_t>(input[0], input.size() - 1);
        const ByteView payload = input.empty() ? input : input.subspan(1, length);
        input = input.empty() ? input : input.subspan(1 + length);
        std::array<std::uint8_t, 300> buffer{};
        media::TrackOutputs out;
        track_.handle_packet(now_, kPeer, rtp::write_rtp(header_, payload, buffer), out);
        PB_ENSURE(out.events.size() <= 64);
        if (out.relayed) {
            other_.send_relayed(*out.relayed, sink_);
        }
    }

    void tick() {
        now_ += media::kFrameTime;
        media::Frame frame;
        track_.read(now_, frame);
        if (track_.relaying()) {
            other_.idle(now_, sink_);
        } else {
            other_.write(now_, frame, sink_);
        }
    }

    void relay(bool on) {
        media::RelayFormats formats;
        if (on) {
            formats.add(111, 111);
            formats.add(0, 0);
            formats.add(101, 101);
        }
        track_.relay(std::move(formats));
    }

    Instant now_{Seconds(1000)};
    SeededRandom random_{1};
    media::RtpTrack track_{random_, {}};
    media::RtpTrack other_{random_, {}};
    rtp::RtpHeader header_{.ssrc = rtp::Ssrc(7)};
    Numbers sink_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteView input(data, std::min<std::size_t>(size, 4096));
    Stream stream;
    while (!input.empty()) {
        stream.step(input);
    }
    return 0;
}
