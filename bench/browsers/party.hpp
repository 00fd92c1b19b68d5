// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "rtp/srtp_protector.hpp"
#include "rtp/srtp_unprotector.hpp"
#include "webrtc/peer.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::bench {

struct Counts {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t lost = 0;   // gaps in the sequence numbers
    std::uint64_t wrong = 0;  // G.711: not what was sent to the party that sends all back
};

// What browsers say: payloads of 20 ms that follow each other, over and over.
struct Speech {
    std::string codec;  // "PCMU", or "opus" of a tone
    std::uint8_t payload_type = 0;
    std::uint32_t ticks = 160;
    std::vector<Bytes> payloads;

    static Speech of(std::string_view codec);
};

// A browser of the load: webrtc::Peer on a socket of its own, and packets made beforehand.
class Party {
  public:
    Party(std::uint32_t number,
          const IpAddress& address,
          const Speech& speech,
          const webrtc::DtlsContext& context,
          Random& random);
    ~Party();
    Party(const Party&) = delete;
    Party& operator=(const Party&) = delete;

    int descriptor() const { return descriptor_; }
    std::string offer() const;
    Result<void> accept(Instant now, std::string_view answer);
    void receive(Instant now, Counts& counts);
    void handle_timeout(Instant now);
    void speak(Counts& counts);
    bool is_connected() const { return sender_.has_value(); }
    // The last payloads that came, for a look at what they sound like.
    const std::vector<Bytes>& heard() const { return heard_; }
    std::string describe() const { return peer_.describe(); }

  private:
    void perform(const webrtc::PeerOutputs& out);
    void judge(ByteView media, Counts& counts);

    std::uint32_t number_;
    const Speech& speech_;
    SocketAddress base_;
    int descriptor_;
    webrtc::Peer peer_;
    std::optional<rtp::SrtpProtector> sender_;
    std::optional<rtp::SrtpUnprotector> receiver_;
    std::uint16_t sequence_ = 0;
    std::uint32_t timestamp_ = 0;
    std::optional<std::uint16_t> expected_;
    std::vector<Bytes> heard_;
};

}  // namespace patchbay::bench
