// SPDX-License-Identifier: Apache-2.0
#include "app/shard/rtp_ports.hpp"

#include "media/frame.hpp"
#include "net/local_address.hpp"

#include <utility>

namespace patchbay::app {
namespace {

// RFC 5761 4: the second byte of RTCP is 192 to 223, which RTP payload types avoid.
bool is_rtcp(ByteView packet) {
    return packet.size() > 1 && packet[1] >= 192 && packet[1] <= 223;
}

}  // namespace

class RtpPorts::Pair final : public media::PacketSink {
  public:
    explicit Pair(net::RtpSocketPair sockets) : sockets_(std::move(sockets)) {}

    void send(const SocketAddress& to, ByteView packet) override {
        // Counted by the socket; the far end's loss statistics tell the rest.
        (void)(is_rtcp(packet) ? sockets_.rtcp : sockets_.rtp).send(to, packet);
    }

    const SocketAddress& local() const { return sockets_.rtp.local(); }

    void add_to(RtpPortStatistics& sum) const {
        for (const net::UdpSocket* socket : {&sockets_.rtp, &sockets_.rtcp}) {
            sum.packets_sent += socket->statistics().datagrams_sent;
            sum.send_errors += socket->statistics().send_errors;
        }
    }

  private:
    net::RtpSocketPair sockets_;
};

RtpPorts::RtpPorts(net::Shard& shard, const Options& options, Received received)
    : shard_(shard), options_(options), received_(std::move(received)), range_(options.span) {}

RtpPorts::~RtpPorts() = default;

Result<call::RtpEndpoint> RtpPorts::open(const IpAddress& peer,
                                         const std::optional<IpAddress>& learned) {
    IpAddress ip;
    if (options_.listen && options_.listen->is_v6() == peer.is_v6()) {
        ip = *options_.listen;
    } else {
        PB_TRY(ip, net::local_address_towards(peer));
    }
    // The port is known only after the sockets are open, so the handlers read it from here.
    const auto number = std::make_shared<std::uint16_t>(0);
    const auto hand_on_from = [this, number](Socket socket) {
        return [this, number, socket](Instant now, const SocketAddress& from, ByteView packet) {
            ++received_count_;
            received_(now, call::RtpPort(*number), socket, from, packet);
        };
    };
    PB_TRY(auto sockets, net::open_rtp_pair(shard_, range_, ip, hand_on_from(Socket::Rtp),
                                            hand_on_from(Socket::Rtcp)));
    auto pair = std::make_unique<Pair>(std::move(sockets));
    *number = pair->local().port;
    SocketAddress advertised = pair->local();
    if (options_.external && !peer.is_loopback() && options_.external->is_v6() == peer.is_v6()) {
        advertised.ip = *options_.external;
    } else if (learned && !options_.external && !peer.is_private() &&
               learned->is_v6() == peer.is_v6()) {
        advertised.ip = *learned;
    }
    call::RtpEndpoint endpoint{
        .port = call::RtpPort(*number), .advertised = advertised, .sink = pair.get()};
    pairs_.emplace(*number, std::move(pair));
    return endpoint;
}

void RtpPorts::close(call::RtpPort port) {
    const auto found = pairs_.find(port.value());
    if (found == pairs_.end()) {
        return;
    }
    found->second->add_to(closed_);
    pairs_.erase(found);
    range_.give_back(port.value());
}

RtpPortStatistics RtpPorts::statistics() const {
    RtpPortStatistics sum = closed_;
    for (const auto& [port, pair] : pairs_) {
        pair->add_to(sum);
    }
    sum.packets_received = received_count_;
    sum.in_use = range_.in_use();
    sum.capacity = range_.capacity();
    return sum;
}

}  // namespace patchbay::app
