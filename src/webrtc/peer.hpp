// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "webrtc/description.hpp"
#include "webrtc/dtls/context.hpp"
#include "webrtc/dtls/transport.hpp"
#include "webrtc/ice/agent.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::webrtc {

enum class PeerState : std::uint8_t {
    New,
    Connecting,    // looking for a path, or shaking hands
    Connected,     // media flows
    Disconnected,  // the path is mute; it may come back
    Failed,  // no path, no consent, or the wrong certificate; an ICE restart may help the first
    Closed,  // by either side
};

std::string_view to_string(PeerState state);

struct PeerStateChanged {
    PeerState state = PeerState::New;
    std::optional<Error> reason;  // of Failed

    friend bool operator==(const PeerStateChanged&, const PeerStateChanged&) = default;
};
// The keys that media is to be encrypted with, once for each peer.
struct PeerSecured {
    rtp::SrtpKeys keys;

    friend bool operator==(const PeerSecured&, const PeerSecured&) = default;
};
// See IceNameWanted.
struct PeerNameWanted {
    Candidate candidate;

    friend bool operator==(const PeerNameWanted&, const PeerNameWanted&) = default;
};
using PeerEvent = std::variant<PeerStateChanged, PeerSecured, PeerNameWanted>;

struct PeerOutputs {
    std::vector<IceTransmit> transmits;
    std::vector<PeerEvent> events;
};

struct PeerStatistics {
    std::uint64_t unproven = 0;  // DTLS and media over a path that ICE does not know
    std::uint64_t early = 0;     // media before there were keys
    std::uint64_t unknown = 0;   // none of the protocols of RFC 7983
};

// One transport to a browser: STUN, DTLS and SRTP on one port, told apart by the first byte
// (RFC 7983). ICE finds the way, DTLS runs over what ICE has proven, and encrypted media is handed
// on as it is: who owns the stream has the keys.
//
// It knows no audio and no socket. Belongs to a shard.
class Peer {
  public:
    // The context must outlive the peer.
    Peer(IceSettings ice, const DtlsContext& context, Random& random);

    Result<void> add_local_candidate(Instant now, LocalCandidate candidate, PeerOutputs& out);
    // The other side's offer, first or later. Of a later one other credentials restart ICE; another
    // certificate or role is Unsupported, as it would need a new association.
    Result<void> handle_offer(Instant now, const PeerDescription& offer, PeerOutputs& out);
    // Whether it would take that offer; changes nothing.
    Result<void> check_offer(const PeerDescription& offer) const;
    // The same for an answer to an offer of ours.
    Result<void> handle_answer(Instant now, const PeerDescription& answer, PeerOutputs& out);
    Result<void> handle_candidate(Instant now, const Candidate& candidate, PeerOutputs& out);
    void restart() { ice_.restart(); }
    void close(Instant now, PeerOutputs& out);

    // What is encrypted media over a proven path comes back, for the owner of the stream.
    std::optional<ByteView> handle_packet(Instant now,
                                          const IcePath& path,
                                          ByteView datagram,
                                          PeerOutputs& out);
    void handle_timeout(Instant now, PeerOutputs& out);
    std::optional<Instant> next_timeout() const;

    PeerState state() const { return state_; }
    const IceAgent& ice() const { return ice_; }
    const Fingerprint& fingerprint() const { return context_.fingerprint(); }
    bool lite() const { return lite_; }
    // Decided by the first description of the other side.
    std::optional<DtlsRole> dtls_role() const;
    std::optional<IcePath> media_path() const { return ice_.selected_path(); }
    const PeerStatistics& statistics() const { return statistics_; }
    std::string describe() const;

  private:
    DtlsRole role_for(const PeerDescription& offer) const;
    Result<void> check_other(const PeerDescription& other, DtlsRole role) const;
    Result<void> describe_other(Instant now,
                                const PeerDescription& other,
                                DtlsRole role,
                                PeerOutputs& out);
    template <class Input>
    void with_ice(Instant now, PeerOutputs& out, Input&& input);
    template <class Input>
    void with_dtls(PeerOutputs& out, Input&& input);
    void handle_dtls(Instant now, const IcePath& path, ByteView datagram, PeerOutputs& out);
    void handle_event(const DtlsEvent& event, PeerOutputs& out);
    void shake_hands(Instant now, PeerOutputs& out);
    void settle(PeerOutputs& out);
    PeerState combined() const;

    const DtlsContext& context_;
    bool lite_;
    IceAgent ice_;
    std::optional<DtlsTransport> dtls_;
    std::vector<Fingerprint> expected_;
    std::optional<IcePath> dtls_path_;  // where the other side was last heard, before ICE decides
    std::optional<Error> failure_;
    PeerState state_ = PeerState::New;
    PeerStatistics statistics_;
};

}  // namespace patchbay::webrtc
