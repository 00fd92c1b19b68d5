// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "webrtc/stun/message.hpp"
#include "webrtc/stun/writer.hpp"
#include "webrtc/turn/rest_credentials.hpp"
#include "webrtc/turn/url.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::webrtc {

enum class TurnState : std::uint8_t { New, Allocating, Allocated, Failed, Closed };

// The relay's address is ours now; `mapped` is how the server sees us.
struct TurnAllocated {
    SocketAddress relayed;
    SocketAddress mapped;

    friend bool operator==(const TurnAllocated&, const TurnAllocated&) = default;
};
// No allocation, or not any more. `detail` is the STUN error code where there was one.
struct TurnFailed {
    Error error;

    friend bool operator==(const TurnFailed&, const TurnFailed&) = default;
};
// A datagram that a peer sent to the relayed address.
struct TurnReceived {
    SocketAddress peer;
    Bytes bytes;

    friend bool operator==(const TurnReceived&, const TurnReceived&) = default;
};
using TurnEvent = std::variant<TurnAllocated, TurnFailed, TurnReceived>;

struct TurnOutputs {
    std::vector<Bytes> transmits;  // to the server
    std::vector<TurnEvent> events;
};

// A client of one TURN allocation for UDP (RFC 8656), with long-term credentials: permissions come
// with the first packet to a peer, a channel follows, and all of it is kept alive. Whoever owns it
// brings messages to and from the server, each in a datagram or, see TurnStream, on a stream.
// Belongs to a shard; time is an argument.
class TurnClient {
  public:
    TurnClient(TurnCredentials credentials,
               Random& random,
               TurnTransport transport = TurnTransport::Udp);

    void start(Instant now, TurnOutputs& out);
    // Nothing is sent before the allocation is there, or to more peers than limits::kTurnPeers.
    void send(Instant now, const SocketAddress& peer, ByteView bytes, TurnOutputs& out);
    // Gives the allocation back.
    void close(Instant now, TurnOutputs& out);

    void handle_packet(Instant now, ByteView datagram, TurnOutputs& out);
    void handle_timeout(Instant now, TurnOutputs& out);
    std::optional<Instant> next_timeout() const;

    TurnState state() const { return state_; }
    std::optional<SocketAddress> relayed() const { return relayed_; }

  private:
    struct Request {
        StunMethod method = StunMethod::Allocate;
        std::optional<SocketAddress> peer;  // of CreatePermission and ChannelBind
        Bytes message;
        unsigned sent = 1;
        Nanoseconds wait{0};
        Instant due;
        unsigned challenged = 0;  // 401 and 438 that it has met
    };
    struct Peer {
        std::uint16_t channel = 0;
        bool permitted = false;
        bool bound = false;
        Instant refresh_at;  // of both; a channel renews the permission
        std::vector<Bytes> waiting;
    };

    void ask(Instant now, Request request, TurnOutputs& out);
    Bytes write(const Request& request, const TransactionId& id) const;
    void handle_response(Instant now, const StunMessage& message, TurnOutputs& out);
    void handle_error(Instant now, Request request, const StunMessage& message, TurnOutputs& out);
    void handle_success(Instant now,
                        const Request& request,
                        const StunMessage& message,
                        TurnOutputs& out);
    void enter_allocated(Instant now, const StunMessage& message, TurnOutputs& out);
    void enter_failed(const Error& error, TurnOutputs& out);
    void permit(Instant now, const SocketAddress& address, TurnOutputs& out);
    void handle_data(const StunMessage& message, TurnOutputs& out);
    void handle_channel_data(ByteView datagram, TurnOutputs& out);
    static Bytes wrap(const SocketAddress& address,
                      const Peer& peer,
                      ByteView bytes,
                      Random& random);
    bool is_genuine(const StunMessage& message) const;
    void schedule_refresh(Instant now, const StunMessage& message);

    TurnCredentials credentials_;
    Random& random_;
    bool reliable_;  // nothing is repeated (RFC 8489 6.2.2)
    TurnState state_ = TurnState::New;
    std::string realm_;
    std::string nonce_;
    Bytes key_;
    std::map<TransactionId, Request> requests_;
    std::map<SocketAddress, Peer> peers_;
    std::optional<SocketAddress> relayed_;
    std::optional<Instant> refresh_at_;
};

}  // namespace patchbay::webrtc
