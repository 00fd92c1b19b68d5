// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/rtp_track.hpp"
#include "media/tone.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::media {

inline const SocketAddress kCaller{IpAddress::v4(192, 0, 2, 1), 4000};
inline const SocketAddress kServer{IpAddress::v4(192, 0, 2, 2), 5000};
inline const SocketAddress kStranger{IpAddress::v4(198, 51, 100, 9), 4000};

struct KeptPackets final : PacketSink {
    struct Kept {
        SocketAddress to;
        Bytes bytes;
    };
    std::vector<Kept> packets;

    void send(const SocketAddress& to, ByteView packet) override {
        packets.push_back({to, Bytes(packet.begin(), packet.end())});
    }
};

inline ReceiveFormat format_named(std::string_view codec) {
    const int clock_rate = codec == "L16" ? 16000 : codec == "opus" ? 48000 : 8000;
    const int number = codec == "PCMA" ? 8 : codec == "G722" ? 9 : codec == "PCMU" ? 0 : 96;
    return {*find_codec(codec, clock_rate), static_cast<std::uint8_t>(number)};
}

inline TrackSettings settings(const SocketAddress& remote, std::string_view codec = "PCMU") {
    TrackSettings out;
    const ReceiveFormat format = format_named(codec);
    out.format.codec = format.codec;
    out.format.payload_type = format.payload_type;
    out.format.telephone_event = 101;
    out.remote = {.rtp = remote, .rtcp = remote};
    return out;
}

// Two tracks that send to each other in virtual time; packets arrive at the next tick, except for
// every `lose_every`th.
class Line {
  public:
    Line() { configure(settings(kServer), settings(kCaller)); }

    void configure(const TrackSettings& of_caller, const TrackSettings& of_server) {
        ASSERT_TRUE(caller.configure(now, of_caller));
        ASSERT_TRUE(server.configure(now, of_server));
    }

    // 20 ms: the caller says `said`, the server hears the result.
    FrameOrigin tick(const Frame& said) {
        const FrameOrigin origin = server.read(now, heard);
        caller.write(now, said, from_caller);
        server.write(now, Frame{}, from_server);
        deliver();
        now += kFrameTime;
        return origin;
    }

    std::vector<std::int16_t> play(const ToneSpec& spec, int frames) {
        ToneGenerator tone(spec);
        std::vector<std::int16_t> all;
        for (int i = 0; i < frames; ++i) {
            Frame frame;
            tone.generate(frame);
            tick(frame);
            all.insert(all.end(), heard.begin(), heard.end());
        }
        return all;
    }

    void pass(int frames) {
        for (int i = 0; i < frames; ++i) {
            tick(Frame{});
        }
    }

    void deliver() {
        for (const auto& packet : from_caller.packets) {
            ++sent;
            if (lose_every == 0 || sent % lose_every != 0) {
                server.handle_packet(now, kCaller, packet.bytes, out);
            }
            last = packet.bytes;
        }
        for (const auto& packet : from_server.packets) {
            caller.handle_packet(now, kServer, packet.bytes, out_of_caller);
        }
        from_caller.packets.clear();
        from_server.packets.clear();
    }

    std::string digits() const {
        std::string text;
        for (const TrackEvent& event : out.events) {
            if (const auto* digit = std::get_if<DigitReceived>(&event)) {
                text += digit->digit;
            }
        }
        return text;
    }

    Instant now{Seconds(1000)};
    SeededRandom random{42};
    WallAnchor anchor{.instant = now, .wall = {1'700'000'000'000}};
    RtpTrack caller{random, anchor};
    RtpTrack server{random, anchor};
    KeptPackets from_caller;
    KeptPackets from_server;
    TrackOutputs out;
    TrackOutputs out_of_caller;
    Frame heard{};
    Bytes last;
    int sent = 0;
    int lose_every = 0;
};

}  // namespace patchbay::media
