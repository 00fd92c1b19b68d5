// SPDX-License-Identifier: Apache-2.0
// Both parties of many relayed calls, for bench/beside_rtpengine: RTP streams of G.711 in one
// thread. It uses no code of the server's, and no protocol but RTP.
//
//     streams SECONDS < PLAN
//
// A line of the plan is "OWN_PORT RELAY_PORT PEER_OWN_PORT", two lines for each call, on 127.0.0.1.
// Each port sends a packet every 20 ms; what it receives has to be what its peer sent, byte for
// byte. One JSON object per line on standard output: "steady" when everything flows, "held" with
// the counts SECONDS later.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kHeader = 12;
constexpr std::size_t kPayload = 160;
constexpr std::size_t kPacket = kHeader + kPayload;
constexpr unsigned kPhases = 20;  // of a packet time, a millisecond each
constexpr milliseconds kSettle{2000};
constexpr int kEvents = 256;

struct Counts {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t lost = 0;   // gaps in the sequence numbers
    std::uint64_t wrong = 0;  // not what the peer sent
};

struct Stream {
    int descriptor = -1;
    std::uint8_t peer_mark = 0;
    std::array<std::uint8_t, kPacket> packet{};
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::optional<std::uint16_t> expected;
};

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int open_socket(int own, int relay) {
    const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    const sockaddr_in local = loopback(own);
    const sockaddr_in remote = loopback(relay);
    if (descriptor < 0 ||
        ::bind(descriptor, reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0 ||
        ::connect(descriptor, reinterpret_cast<const sockaddr*>(&remote), sizeof remote) != 0) {
        std::perror("streams: socket");
        std::exit(2);
    }
    return descriptor;
}

// All octets of a payload are one, by which its sender is known.
std::uint8_t mark_of(int port) {
    return static_cast<std::uint8_t>(1 + port / 2 % 251);
}

Stream make_stream(int own, int relay, int peer) {
    Stream stream;
    stream.descriptor = open_socket(own, relay);
    stream.peer_mark = mark_of(peer);
    stream.packet.fill(mark_of(own));
    stream.packet[0] = 0x80;
    stream.packet[1] = 0;  // PCMU
    const std::uint32_t ssrc = htonl(static_cast<std::uint32_t>(own));
    std::memcpy(&stream.packet[8], &ssrc, sizeof ssrc);
    return stream;
}

void send_packet(Stream& stream, Counts& counts) {
    const std::uint16_t sequence = htons(stream.sequence++);
    const std::uint32_t timestamp = htonl(stream.timestamp);
    stream.timestamp += kPayload;
    std::memcpy(&stream.packet[2], &sequence, sizeof sequence);
    std::memcpy(&stream.packet[4], &timestamp, sizeof timestamp);
    if (::send(stream.descriptor, stream.packet.data(), kPacket, 0) == kPacket) {
        ++counts.sent;
    }
}

void judge(Stream& stream, const std::uint8_t* packet, std::size_t size, Counts& counts) {
    if (size < kHeader || (packet[1] & 0x7f) >= 72) {
        return;  // RTCP by the same port
    }
    ++counts.received;
    const auto sequence = static_cast<std::uint16_t>(packet[2] << 8 | packet[3]);
    if (stream.expected) {
        const auto gap = static_cast<std::int16_t>(sequence - *stream.expected);
        counts.lost += gap > 0 ? static_cast<std::uint64_t>(gap) : 0;
    }
    stream.expected = static_cast<std::uint16_t>(sequence + 1);
    bool right = size == kPacket;
    for (std::size_t i = kHeader; right && i < kPacket; ++i) {
        right = packet[i] == stream.peer_mark;
    }
    counts.wrong += right ? 0 : 1;
}

void receive_ready(int poller,
                   std::vector<Stream>& streams,
                   Counts& counts,
                   milliseconds patience) {
    std::array<epoll_event, kEvents> events{};
    const int ready =
        ::epoll_wait(poller, events.data(), kEvents, static_cast<int>(patience.count()));
    for (int i = 0; i < ready; ++i) {
        Stream& stream = streams[events[static_cast<std::size_t>(i)].data.u32];
        std::array<std::uint8_t, 2048> packet{};
        ssize_t size = 0;
        while ((size = ::recv(stream.descriptor, packet.data(), packet.size(), 0)) > 0) {
            judge(stream, packet.data(), static_cast<std::size_t>(size), counts);
        }
    }
}

void report(const char* phase, std::size_t streams, double seconds, const Counts& counts) {
    std::printf(
        "{\"phase\": \"%s\", \"streams\": %zu, \"seconds\": %.3f, \"sent\": %llu, \"received\": "
        "%llu, "
        "\"lost\": %llu, \"wrong\": %llu}\n",
        phase, streams, seconds, static_cast<unsigned long long>(counts.sent),
        static_cast<unsigned long long>(counts.received),
        static_cast<unsigned long long>(counts.lost),
        static_cast<unsigned long long>(counts.wrong));
    std::fflush(stdout);
}

// Each millisecond the streams of one phase send; between them everything that has come is read.
class Run {
  public:
    Run(int poller, std::vector<Stream>& streams) : poller_(poller), streams_(streams) {}

    void go_on(milliseconds duration, Counts& counts) {
        for (const auto end = next_ + duration; next_ < end; next_ += milliseconds(1)) {
            while (Clock::now() < next_) {
                receive_ready(poller_, streams_, counts, milliseconds(1));
            }
            receive_ready(poller_, streams_, counts, milliseconds(0));
            for (std::size_t i = phase_; i < streams_.size(); i += kPhases) {
                send_packet(streams_[i], counts);
            }
            phase_ = (phase_ + 1) % kPhases;
        }
    }

  private:
    int poller_;
    std::vector<Stream>& streams_;
    Clock::time_point next_ = Clock::now();
    std::size_t phase_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    const double seconds = argc == 2 ? std::atof(argv[1]) : 0;
    if (seconds <= 0) {
        std::fputs("usage: streams SECONDS < PLAN\n", stderr);
        return 2;
    }
    std::vector<Stream> streams;
    int own = 0;
    int relay = 0;
    int peer = 0;
    const int poller = ::epoll_create1(0);
    while (std::cin >> own >> relay >> peer) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u32 = static_cast<std::uint32_t>(streams.size());
        streams.push_back(make_stream(own, relay, peer));
        ::epoll_ctl(poller, EPOLL_CTL_ADD, streams.back().descriptor, &event);
    }
    Run run(poller, streams);
    Counts settling;
    run.go_on(kSettle, settling);
    report("steady", streams.size(), 2, settling);
    Counts counts;
    const auto begin = Clock::now();
    run.go_on(milliseconds(static_cast<std::int64_t>(seconds * 1000)), counts);
    report("held", streams.size(), std::chrono::duration<double>(Clock::now() - begin).count(),
           counts);
    return 0;
}
