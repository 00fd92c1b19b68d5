// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "call/call_audio.hpp"
#include "call/options.hpp"
#include "call/peer_port.hpp"
#include "media/frame.hpp"
#include "webrtc/jsep.hpp"
#include "webrtc/peer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::call {

// The WebRTC side of one call: joins a webrtc::Peer with the audio of the call. It is the sink of
// the call's encrypted packets, and sends what ICE and DTLS want sent. What happened is kept for
// the session until it asks. Owned by the session, on its shard.
class Browser final : public media::PacketSink {
  public:
    struct Settings {
        bool lite = false;
        bool ipv6 = false;
        bool calls = false;  // we make the first offer
    };
    Browser(Instant now, const PeerPort& port, const Settings& settings, Random& random);

    // Negotiates the browser's offer, first or later; the answer's text. Audio flows when the keys
    // are there.
    Result<std::string> answer(Instant now, std::string_view offer, CallAudio& audio);
    // Our own offer, first or later, and what the browser says to it.
    std::string offer(CallAudio& audio) const;
    Result<void> apply_answer(Instant now, std::string_view answer, CallAudio& audio);
    // More of our own addresses; those that are known already stay as they are.
    void add_candidates(Instant now, const PeerPort& port);
    Result<void> handle_candidate(Instant now, const webrtc::Candidate& candidate);
    // Encrypted media comes back.
    std::optional<ByteView> handle_packet(Instant now,
                                          const webrtc::IcePath& path,
                                          ByteView datagram);
    void handle_timeout(Instant now);
    std::optional<Instant> next_timeout() const { return peer_.next_timeout(); }
    void close(Instant now);

    // What the peer said since the last time.
    std::vector<webrtc::PeerEvent> take_events();

    const std::string& ufrag() const { return peer_.ice().credentials().ufrag; }
    // Where something was sent, so that its answer finds this call; grows at the end only.
    const std::vector<webrtc::IcePath>& used_paths() const { return used_; }
    bool is_proven(const webrtc::IcePath& path) const { return peer_.ice().is_proven(path); }
    std::string describe() const { return peer_.describe(); }

    // Where media goes is ICE's choice; `to` means nothing.
    void send(const SocketAddress& to, ByteView packet) override;

  private:
    webrtc::TransportSide side(const CallAudio& audio) const;
    void perform(webrtc::PeerOutputs& out);

    PeerSink& sink_;
    webrtc::Peer peer_;
    bool ipv6_;
    std::vector<webrtc::PeerEvent> events_;
    std::vector<webrtc::IcePath> used_;
};

// As the client's options want it. `calls`: the first offer is ours.
std::unique_ptr<Browser> make_browser(
    Instant now, const PeerPort& port, const CallOption& option, bool calls, Random& random);

// Whether the offer wants ICE, DTLS and SRTP. No: it is none, or for plain RTP.
bool wants_web_rtc(std::string_view offer);

// The text of an `addIceCandidate`: empty is the end of them, and nothing to add. `sdpMid` and the
// like have no meaning where there is one transport.
Result<std::optional<webrtc::Candidate>> trickled_candidate(std::string_view text);

}  // namespace patchbay::call
