// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "call/browser.hpp"
#include "call/call_audio.hpp"
#include "call/frame_clock.hpp"
#include "call/peer_port.hpp"
#include "call/rtp_endpoint.hpp"
#include "lab/meta/account.hpp"
#include "lab/meta/rules.hpp"
#include "media/frame.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::lab::meta {

// What came of a user's phone's audio since the last time.
struct MediaEvents {
    std::string digits;
    std::optional<std::string> broken;  // the rule
    // What is heard now, where it is another sound than before.
    struct Sound {
        std::optional<double> frequency;
        double level = 0;
    };
    std::optional<Sound> sound;
};

// The audio of one WhatsApp user in one call: SDES, or ICE-lite and DTLS. As Meta's relays it says
// nothing before it has heard the business's first packet, and gives up a business that is silent.
// An engine: packets and ticks in, packets by the endpoint.
class Media final : private call::PeerSink {
  public:
    struct Settings {
        const Account& account;
        const webrtc::DtlsContext& dtls;
        bool offers = false;  // the first description is ours
    };
    Media(Instant now,
          const WallAnchor& wall,
          const call::RtpEndpoint& endpoint,
          const Settings& settings,
          Random& random);
    Media(const Media&) = delete;
    Media& operator=(const Media&) = delete;

    std::string offer();
    Result<void> apply_answer(Instant now, std::string_view sdp);
    Result<std::string> answer(Instant now, std::string_view sdp);
    // Whether our part in DTLS is that of the server; nothing without DTLS, and before it is said.
    std::optional<bool> is_dtls_server() const { return dtls_server_; }
    // The keys are there, and packets can be read.
    bool is_connected() const { return audio_.is_running(); }

    void handle_packet(Instant now, const SocketAddress& from, ByteView packet, MediaEvents& out);
    void handle_timeout(Instant now, MediaEvents& out);
    std::optional<Instant> next_timeout() const;
    void tick(Instant now, MediaEvents& out);
    // The call is answered: from now on the business is expected to be heard.
    void begin(Instant now) { heard_at_ = now; }
    Result<void> press(std::string_view digits);

    call::RtpPort port() const { return audio_.endpoint().port; }
    media::TrackStatistics statistics() const { return audio_.track().statistics(); }
    Nanoseconds longest_gap() const { return longest_gap_; }

  private:
    void send(const webrtc::IcePath& path, ByteView datagram) override;
    void take_rtp(Instant now, const SocketAddress& from, ByteView packet, MediaEvents& out);
    void follow(Instant now, MediaEvents& out);
    void judge_sound(MediaEvents& out);
    void judge_silence(Instant now, MediaEvents& out);

    const Account& account_;
    call::PeerPort peer_port_;
    media::PacketSink& sink_;
    std::unique_ptr<call::Browser> browser_;  // absent with SDES
    call::CallAudio audio_;
    std::optional<PacketRules> rules_;
    call::FrameClock clock_;
    std::unique_ptr<media::FrameSource> voice_;
    std::optional<bool> dtls_server_;
    std::optional<Instant> heard_at_;  // the last packet, or the answer
    bool heard_anything_ = false;
    Nanoseconds longest_gap_{0};
    std::vector<std::int16_t> latest_;  // what was heard since the last look
    MediaEvents::Sound sound_;
};

}  // namespace patchbay::lab::meta
