// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "call/bridge_request.hpp"
#include "call/client_command.hpp"
#include "call/config.hpp"
#include "call/effects.hpp"
#include "call/ids.hpp"
#include "call/keys.hpp"
#include "call/neighbour_config.hpp"
#include "call/peer_port.hpp"
#include "call/playback_track.hpp"
#include "call/route_use.hpp"
#include "call/rtp_endpoint.hpp"
#include "call/socket_closure.hpp"
#include "call/third_party.hpp"
#include "media/frame.hpp"
#include "sip/flow.hpp"
#include "sip/identity.hpp"
#include "sip/locate.hpp"
#include "speech/asr/recognition.hpp"
#include "speech/asr/recognizer_feed.hpp"
#include "speech/synthesizer.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::call {

// A call that a client is about to make: what the connection's address said.
struct SessionRequest {
    SessionId id;  // the directory made sure that it is unique on the server
    SessionKind kind = SessionKind::Sip;
    std::string server_track{kServerTrack};
};

// All calls of one shard: the SIP user agent and the sessions, composed. Pure: packets, commands,
// answers and ticks come in with the time, effects go out. Touched by its shard's thread only.
//
// A broken invariant inside one session ends that call alone: it is caught here, at the boundary of
// a step, which is sound because sessions share nothing.
class Exchange {
  public:
    Exchange(ExchangeConfig config, WallAnchor wall, Random& random);
    ~Exchange();
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    // The control side. Errors of commands are `error` events, never results: the client is told,
    // and a live call is unharmed. A key of a session that is gone is ignored.
    Result<SessionKey> open(Instant now, SessionRequest request, Effects& out);
    // A client takes an incoming call that waits for an application. NotFound: there is none of
    // that id. WrongState: somebody has it.
    Result<SessionKey> adopt(Instant now,
                             const SessionId& id,
                             std::string server_track,
                             Effects& out);
    void handle_command(Instant now, SessionKey session, ClientCommand command, Effects& out);
    // A binary message of the controlling client: audio.
    void handle_audio(Instant now, SessionKey session, ByteView bytes, Effects& out);
    // The client's connection is gone: the call ends.
    void close_control(Instant now, SessionKey session, Effects& out);
    void kill(Instant now, SessionKey session, Effects& out);
    // The server goes down: from now on an INVITE gets 503, and the calls in progress go on.
    void refuse_new_calls();
    // The server goes down: every call ends.
    void hang_up_all(Instant now, Effects& out);
    std::optional<SessionKey> find(const SessionId& id) const;

    // Calls of a third party: told by ThirdPartyReported. Calls two parties, one after the other.
    void start_call(Instant now, OperationId operation, ThirdPartyRequest request, Effects& out);
    // Calls `destination` for this party of a call, who leaves the other one when he answers.
    void redirect(Instant now,
                  OperationId operation,
                  SessionKey party,
                  std::string destination,
                  Effects& out);
    // Brings two parties of two calls together; the other two are left behind.
    void connect(
        Instant now, OperationId operation, SessionKey party, const SessionId& other, Effects& out);
    // Gives a start_call() or redirect() up. False when it is over.
    bool cancel(Instant now, OperationId operation, Effects& out);

    // Begins the registrations of the accounts of this shard, and the pings of its trunks.
    void start_accounts(Instant now, Effects& out);
    // Takes all bindings back.
    void stop_accounts(Instant now, Effects& out);
    // The operator wants other neighbours beside those of the beginning. Calls in progress keep
    // what they began with.
    void replace_neighbours(Instant now, NeighbourConfig config, Effects& out);

    // Whether a message from there is to be looked at. Asked by whoever owns the socket, before the
    // message is handed to the shard that it belongs to.
    bool admits_message(Instant now, const IpAddress& source);

    // Packets.
    void handle_sip(Instant now, const sip::Flow& flow, ByteView message, Effects& out);
    void handle_sip_transport_error(Instant now, const sip::Flow& flow, Effects& out);
    // A datagram that came to `port`.
    void handle_rtp(
        Instant now, RtpPort port, const SocketAddress& from, ByteView packet, Effects& out);
    // A datagram that came to the port above `port`.
    void handle_rtcp(
        Instant now, RtpPort port, const SocketAddress& from, ByteView packet, Effects& out);

    // A datagram that came to the browsers' port.
    void handle_peer_packet(Instant now,
                            const webrtc::IcePath& path,
                            ByteView datagram,
                            Effects& out);

    // Answers to effects.
    void application_missing(Instant now, SessionKey session, Effects& out);
    // A call of another shard wants to be bridged to one of this. NotFound, WrongState.
    Result<void> accept_bridge(Instant now, const BridgeRequest& request, Effects& out);
    // What the other shard said to ours.
    void bridge_answered(Instant now,
                         const BridgeRequest& request,
                         const Result<void>& answer,
                         Effects& out);
    void target_located(Instant now,
                        const LocateTarget& asked,
                        const Result<std::vector<sip::Target>>& targets,
                        Effects& out);
    void registrar_located(Instant now,
                           const AccountLookup& lookup,
                           const Result<std::vector<sip::Target>>& targets,
                           Effects& out);
    void trunk_located(Instant now,
                       const TrunkLookup& lookup,
                       const Result<std::vector<sip::Target>>& targets,
                       Effects& out);
    void rtp_opened(Instant now, SessionKey session, const RtpEndpoint& endpoint, Effects& out);
    void rtp_failed(Instant now, SessionKey session, const Error& error, Effects& out);
    void peer_port_opened(Instant now, SessionKey session, const PeerPort& port, Effects& out);
    void attach_source(Instant now,
                       PlaybackId playback,
                       std::unique_ptr<media::FrameSource> source,
                       Effects& out);
    void playback_failed(Instant now, PlaybackId playback, const Error& error, Effects& out);
    void speech_failed(Instant now,
                       PlaybackId playback,
                       const PlaybackFailure& failure,
                       Effects& out);
    void speech_finished(Instant now,
                         PlaybackId playback,
                         const speech::SpeechResult& result,
                         Effects& out);
    void recording_opened(Instant now,
                          SessionKey session,
                          std::unique_ptr<media::FrameSink> sink,
                          Effects& out);
    void recording_failed(Instant now, SessionKey session, const Error& error, Effects& out);

    void recognizer_opened(Instant now,
                           SessionKey session,
                           std::unique_ptr<speech::RecognizerFeed> feed,
                           Effects& out);
    void recognizer_failed(Instant now, SessionKey session, const Error& error, Effects& out);
    void transcribed(Instant now,
                     SessionKey session,
                     const speech::Transcript& transcript,
                     Effects& out);

    void socket_opened(Instant now, SocketId socket, Effects& out);
    void socket_binary(Instant now, SocketId socket, ByteView bytes, Effects& out);
    void socket_text(Instant now, SocketId socket, std::string_view text, Effects& out);
    void socket_closed(Instant now, SocketId socket, const SocketClosure& how, Effects& out);

    // Time. tick() comes every 5 ms with phases 0, 1, 2, 3, 0, ...: the calls of that phase play
    // one frame out and take one in. A late tick is fine: each call knows how many frames it owes.
    void tick(Instant now, unsigned phase, Effects& out);
    void handle_timeout(Instant now, Effects& out);
    std::optional<Instant> next_timeout() const;

    // Our public addresses, as servers see them (UserAgentConfig::learn_public_address). What one
    // shard has learned is given to the others.
    const sip::Identity::LearnedAddresses& learned_addresses() const;
    void set_learned_addresses(sip::Identity::LearnedAddresses addresses);
    // The dialog of an answered call, for a transfer to it from another shard.
    std::optional<sip::DialogIdentity> dialog(SessionKey session) const;

    std::size_t session_count() const;
    // How a call does by now. Absent: it is gone.
    std::optional<SessionSummary> summary(SessionKey session) const;
    std::vector<AccountStatus> accounts(Instant now) const;
    std::vector<TrunkStatus> trunks() const;
    InboundGate::Counts gate_counts() const;
    // What became of the calls that rows of the table led on, by the rows' names.
    const RouteUses& route_uses() const;
    // The states and last transitions of one call, for `trace` and for failures.
    std::string describe(SessionKey session) const;

  private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace patchbay::call
