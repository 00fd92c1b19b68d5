// SPDX-License-Identifier: Apache-2.0
#include "browsers/party.hpp"

#include "base/ensure.hpp"
#include "media/codec.hpp"
#include "media/frame.hpp"
#include "media/tone.hpp"
#include "rtp/limits.hpp"
#include "rtp/packet.hpp"
#include "sdp/offer_answer.hpp"
#include "webrtc/jsep.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace patchbay::bench {
namespace {

constexpr std::size_t kKept = 50;  // a second
constexpr int kFrames = 50;
// RFC 5761 4: what the second byte of RTCP has where RTP has its marker and payload type.
bool is_rtcp(ByteView packet) {
    const int type = packet.size() > 1 ? packet[1] & 0x7F : 0;
    return type >= 64 && type < 96;
}

sockaddr_in native(const SocketAddress& address) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(address.port);
    std::memcpy(&out.sin_addr, address.ip.bytes().data(), sizeof out.sin_addr);
    return out;
}

int open_socket(SocketAddress& base) {
    const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    sockaddr_in local = native(base);
    socklen_t size = sizeof local;
    PB_ENSURE(descriptor >= 0);
    PB_ENSURE(::bind(descriptor, reinterpret_cast<const sockaddr*>(&local), size) == 0);
    PB_ENSURE(::getsockname(descriptor, reinterpret_cast<sockaddr*>(&local), &size) == 0);
    base.port = ntohs(local.sin_port);
    return descriptor;
}

}  // namespace

Speech Speech::of(std::string_view codec) {
    Speech speech;
    speech.codec = codec;
    if (codec == "PCMU") {
        for (int i = 0; i < kFrames; ++i) {
            speech.payloads.push_back(Bytes(160, static_cast<std::uint8_t>(1 + i)));
        }
        return speech;
    }
    speech.payload_type = 111;
    speech.ticks = 960;
    const auto shape = media::find_codec("opus", 48000).value();
    auto encoder = media::make_encoder(shape, {}).value();
    media::ToneGenerator tone({.frequency = 440});
    for (int i = 0; i < kFrames; ++i) {
        media::Frame frame{};
        tone.generate(frame);
        Bytes payload(1500);
        payload.resize(encoder->encode(frame, payload));
        speech.payloads.push_back(std::move(payload));
    }
    return speech;
}

Party::Party(std::uint32_t number,
             const IpAddress& address,
             const Speech& speech,
             const webrtc::DtlsContext& context,
             Random& random)
    : number_(number),
      speech_(speech),
      base_{address, 0},
      descriptor_(open_socket(base_)),
      peer_({.role = webrtc::IceRole::Controlling}, context, random) {
    webrtc::PeerOutputs out;
    PB_ENSURE(peer_.add_local_candidate(Instant(Seconds(1)),
                                        webrtc::make_host_candidate(base_, 65535), out));
}

Party::~Party() {
    ::close(descriptor_);
}

std::string Party::offer() const {
    const bool opus = speech_.codec == "opus";
    sdp::SessionDescription offer =
        sdp::make_offer({.rtp = webrtc::kNoAddress,
                         .codecs = {*sdp::known_codec(opus ? "opus" : "PCMU")},
                         .rtcp_mux = true});
    webrtc::put_offered_transport(
        nullptr,
        {.agent = peer_.ice(),
         .fingerprint = peer_.fingerprint(),
         .stream = webrtc::OwnStream{number_ + 1, "browser" + std::to_string(number_)}},
        offer);
    return offer.to_string();
}

Result<void> Party::accept(Instant now, std::string_view answer) {
    PB_TRY(const auto description, sdp::SessionDescription::parse(answer));
    PB_TRY(const auto other, webrtc::read_peer_description(description, description.media.front()));
    webrtc::PeerOutputs out;
    PB_CHECK(peer_.handle_answer(now, other, out));
    perform(out);
    return {};
}

void Party::perform(const webrtc::PeerOutputs& out) {
    for (const webrtc::IceTransmit& transmit : out.transmits) {
        const sockaddr_in to = native(transmit.path.remote);
        (void)::sendto(descriptor_, transmit.packet.data(), transmit.packet.size(), 0,
                       reinterpret_cast<const sockaddr*>(&to), sizeof to);
    }
    for (const webrtc::PeerEvent& event : out.events) {
        if (const auto* secured = std::get_if<webrtc::PeerSecured>(&event)) {
            sender_ = rtp::SrtpProtector::make(secured->keys.send).value();
            receiver_ = rtp::SrtpUnprotector::make(secured->keys.receive).value();
        }
    }
}

void Party::handle_timeout(Instant now) {
    if (peer_.next_timeout().value_or(now + Seconds(1)) <= now) {
        webrtc::PeerOutputs out;
        peer_.handle_timeout(now, out);
        perform(out);
    }
}

void Party::receive(Instant now, Counts& counts) {
    std::array<std::uint8_t, 2048> buffer{};
    sockaddr_in from{};
    socklen_t length = sizeof from;
    ssize_t size = 0;
    while ((size = ::recvfrom(descriptor_, buffer.data(), buffer.size(), 0,
                              reinterpret_cast<sockaddr*>(&from), &length)) > 0) {
        std::array<std::uint8_t, 4> ip{};
        std::memcpy(ip.data(), &from.sin_addr, ip.size());
        const SocketAddress remote{IpAddress::v4(ip[0], ip[1], ip[2], ip[3]), ntohs(from.sin_port)};
        webrtc::PeerOutputs out;
        const auto media = peer_.handle_packet(
            now, {base_, remote}, ByteView(buffer).first(static_cast<std::size_t>(size)), out);
        perform(out);
        if (media) {
            judge(*media, counts);
        }
    }
}

void Party::judge(ByteView media, Counts& counts) {
    Bytes packet(media.begin(), media.end());
    if (!receiver_ || is_rtcp(packet)) {
        return;
    }
    const auto plain = receiver_->unprotect_rtp(packet);
    const auto view = plain ? rtp::RtpPacketView::parse(*plain) : fail(Errc::Malformed, "packet");
    if (!view) {
        ++counts.wrong;
        return;
    }
    ++counts.received;
    const std::uint16_t sequence = view->header.sequence;
    if (expected_) {
        const auto gap = static_cast<std::int16_t>(sequence - *expected_);
        counts.lost += gap > 0 ? static_cast<std::uint64_t>(gap) : 0;
    }
    expected_ = static_cast<std::uint16_t>(sequence + 1);
    const Bytes payload(view->payload.begin(), view->payload.end());
    if (speech_.codec == "PCMU" &&
        std::ranges::find(speech_.payloads, payload) == speech_.payloads.end()) {
        ++counts.wrong;
    }
    heard_.push_back(payload);
    if (heard_.size() > kKept) {
        heard_.erase(heard_.begin());
    }
}

void Party::speak(Counts& counts) {
    const auto path = peer_.media_path();
    if (!sender_ || !path) {
        return;
    }
    const Bytes& payload = speech_.payloads[sequence_ % speech_.payloads.size()];
    std::array<std::uint8_t, 1500 + rtp::limits::kSrtpOverhead> buffer{};
    const auto packet = rtp::write_rtp({.marker = sequence_ == 0,
                                        .payload_type = speech_.payload_type,
                                        .sequence = sequence_,
                                        .timestamp = timestamp_,
                                        .ssrc = rtp::Ssrc(number_ + 1)},
                                       payload, buffer);
    ++sequence_;
    timestamp_ += speech_.ticks;
    if (const auto protected_packet = sender_->protect_rtp(buffer, packet.size())) {
        const sockaddr_in to = native(path->remote);
        const auto sent = ::sendto(descriptor_, protected_packet->data(), protected_packet->size(),
                                   0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
        counts.sent += sent > 0 ? 1 : 0;
    }
}

}  // namespace patchbay::bench
