// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "call/account.hpp"
#include "call/bridge_request.hpp"
#include "call/event.hpp"
#include "call/ids.hpp"
#include "call/keys.hpp"
#include "call/operation.hpp"
#include "call/options.hpp"
#include "call/summary.hpp"
#include "call/third_party.hpp"
#include "call/trunk_watch.hpp"
#include "sip/event.hpp"
#include "sip/flow.hpp"
#include "sip/locate.hpp"
#include "sip/uri.hpp"
#include "speech/asr/recognition.hpp"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// What an Exchange asks of the world: small values, appended in the order in which they must
// happen. The runtime of the shard drains the list after every call into the Exchange. Where an
// effect has an answer, the comment names the member of Exchange that takes it; it may be called
// while draining or at any later time.
namespace patchbay::call {

struct SendSip {
    sip::Transmit transmit;
};

// Finds where requests to a URI go (RFC 3263). -> Exchange::target_located
struct LocateTarget {
    SessionKey session;
    sip::Uri uri;
    std::optional<sip::CallHandle> hop_of = std::nullopt;  // the next hop of this call's dialog
};
// A target did not answer, or with 503: others of its kind are tried first for a while.
struct RestTarget {
    sip::Target target;
};
// Finds where an account's registrar is (RFC 3263). -> Exchange::registrar_located
struct LocateRegistrar {
    AccountLookup lookup;
};
// The same of an address of a trunk that is asked whether it is there. -> Exchange::trunk_located
struct LocateTrunk {
    TrunkLookup lookup;
};
// This source is not heard for a while: for the log.
struct SourceBanned {
    IpAddress source;
};

// A pair of UDP ports for RTP and RTCP, from which packets to `peer` can leave.
// -> Exchange::rtp_opened or rtp_failed
struct OpenRtpPort {
    SessionKey session;
    IpAddress peer;
};
// The port that browsers are talked to by. -> Exchange::peer_port_opened or rtp_failed
struct OpenPeerPort {
    SessionKey session;
};
// The sink given with rtp_opened is not touched any more.
struct CloseRtpPort {
    RtpPort port;
};

// Speaks `text`. -> Exchange::attach_source at once with the source that the provider will fill,
// then speech_finished; or playback_failed, speech_failed. Destroying the source cancels the work.
struct StartSpeech {
    PlaybackId playback;
    std::string text;
    SynthesisOption option;  // the call's option with the command's on top, its provider chosen
    std::optional<std::string> cache_key;  // the same audio as whatever had this key before
};
// Plays a file or URL. -> Exchange::attach_source or playback_failed. Destroying the source stops
// the reading.
struct OpenFile {
    PlaybackId playback;
    std::string url;
    Milliseconds offset{0};  // where in the file to begin
    bool loop = false;       // begins again where the file ends
};
// -> Exchange::recording_opened or recording_failed. Destroying the sink completes the recording.
struct OpenRecording {
    SessionKey session;
    SessionId id;  // for `{id}` in the file name, and for the default name
    RecorderOption option;
};
// An application is to be told of an incoming call; it takes the call by Exchange::adopt within the
// accept timeout. -> Exchange::application_missing when nobody could be told.
struct AskApplication {
    SessionKey session;
    SessionId id;
    std::string handler;  // name of the application; empty: the one and only
    WallTime created_at;
    std::string caller;                // From
    std::string callee;                // To
    std::vector<std::string> headers;  // whole lines, "Name: value"
    std::string offer;
};
// The other call is not of this shard. On the one that has it -> Exchange::accept_bridge; its
// answer, or NotFound -> Exchange::bridge_answered.
struct BridgeElsewhere {
    BridgeRequest request;
};
// Begins to recognize what the caller says, by the embedded recognizer.
// -> Exchange::recognizer_opened, then transcribed; or recognizer_failed. Destroying the feed ends
// it.
struct OpenRecognizer {
    SessionKey session;
    speech::RecognitionRequest request;
};
// Connects to a WebSocket server. -> Exchange::socket_opened, then socket_binary and socket_text as
// messages come, and socket_closed as the last answer, also when it never opened.
struct OpenSocket {
    SocketId socket;
    std::string url;
    std::vector<std::pair<std::string, std::string>> fields;  // of the request; may hold secrets
    bool trusted = false;  // the operator's own address: it may lead anywhere
};
// A binary message. What is sent before the socket is open is dropped.
struct SendToSocket {
    SocketId socket;
    Bytes bytes;
};
// The same for a text message.
struct SendTextToSocket {
    SocketId socket;
    std::string text;
};
// Nothing is answered any more.
struct CloseSocket {
    SocketId socket;
};
// Audio for the client that controls the call: a binary message of its own WebSocket. Dropped where
// nobody takes it.
struct SendAudio {
    SessionKey session;
    Bytes bytes;
};

// How an operation goes that a client asked for under this name; see ClientCommand.
struct OperationReported {
    SessionKey session;
    OperationId operation;
    OperationStatus status;
};
// How a call comes about that a third party asked for under this name.
struct ThirdPartyReported {
    OperationId operation;
    ThirdPartyStatus status;
};
// To the client that controls the call, and to whoever else listens. `hangup` is the last one.
struct EmitEvent {
    SessionKey session;
    SessionId id;
    Event event;
};

// Birth and changes of state, for lists.
struct SessionChanged {
    SessionSummary summary;
};
// The session is gone; its key means nothing any more. Comes after its `hangup` event.
struct SessionEnded {
    SessionSummary summary;
};
// A bug of ours ended this call: one line of reason and the call's last transitions, for the log.
// The id is empty where it only cost a SIP message of no call.
struct SessionBroken {
    SessionId id;
    std::string report;
};

using Effect = std::variant<SendSip,
                            LocateTarget,
                            RestTarget,
                            LocateRegistrar,
                            LocateTrunk,
                            SourceBanned,
                            OpenRtpPort,
                            OpenPeerPort,
                            CloseRtpPort,
                            StartSpeech,
                            OpenFile,
                            OpenRecording,
                            AskApplication,
                            BridgeElsewhere,
                            OpenRecognizer,
                            OpenSocket,
                            SendToSocket,
                            SendTextToSocket,
                            CloseSocket,
                            SendAudio,
                            OperationReported,
                            ThirdPartyReported,
                            EmitEvent,
                            SessionChanged,
                            SessionEnded,
                            SessionBroken>;
using Effects = std::vector<Effect>;

}  // namespace patchbay::call
