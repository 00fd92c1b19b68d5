// SPDX-License-Identifier: Apache-2.0
#include "webrtc/turn/client.hpp"

#include "webrtc/limits.hpp"
#include "webrtc/stun/integrity.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::webrtc {
namespace {

constexpr std::uint32_t kUdp = 17U << 24U;  // REQUESTED-TRANSPORT, RFC 8656 18.8

// RFC 8656 12: channels of UDP; the first two bits tell them from STUN.
constexpr std::uint16_t kFirstChannel = 0x4000;
constexpr std::uint16_t kLastChannel = 0x4FFF;
constexpr std::size_t kChannelHeader = 4;

bool is_channel_data(ByteView datagram) {
    return !datagram.empty() && (datagram[0] & 0xC0U) == 0x40U;
}

}  // namespace

TurnClient::TurnClient(TurnCredentials credentials, Random& random, TurnTransport transport)
    : credentials_(std::move(credentials)),
      random_(random),
      reliable_(transport != TurnTransport::Udp) {}

void TurnClient::start(Instant now, TurnOutputs& out) {
    if (state_ != TurnState::New) {
        return;
    }
    state_ = TurnState::Allocating;
    ask(now, {.method = StunMethod::Allocate}, out);
}

void TurnClient::ask(Instant now, Request request, TurnOutputs& out) {
    const TransactionId id = make_transaction_id(random_);
    request.message = write(request, id);
    request.sent = 1;
    request.wait = limits::kMinRto;
    request.due = now + request.wait;
    out.transmits.push_back(request.message);
    requests_.emplace(id, std::move(request));
}

// RFC 8656 7.1, 8.1, 10.1, 12.1. Before the server has named realm and nonce nothing is signed.
Bytes TurnClient::write(const Request& request, const TransactionId& id) const {
    StunWriter writer(StunClass::Request, request.method, id);
    if (request.method == StunMethod::Allocate) {
        writer.number(StunAttribute::RequestedTransport, kUdp);
    } else if (request.method == StunMethod::Refresh && state_ == TurnState::Closed) {
        writer.number(StunAttribute::Lifetime, 0);
    }
    if (request.method == StunMethod::ChannelBind) {
        const std::uint32_t channel = peers_.at(*request.peer).channel;
        writer.number(StunAttribute::ChannelNumber, channel << 16U);
    }
    if (request.peer) {
        writer.address(StunAttribute::XorPeerAddress, *request.peer);
    }
    if (nonce_.empty()) {
        return writer.finish();
    }
    writer.text(StunAttribute::Username, credentials_.username)
        .text(StunAttribute::Realm, realm_)
        .text(StunAttribute::Nonce, nonce_);
    return writer.finish(key_);
}

void TurnClient::handle_packet(Instant now, ByteView datagram, TurnOutputs& out) {
    if (is_channel_data(datagram)) {
        handle_channel_data(datagram, out);
        return;
    }
    const auto message = StunMessage::parse(datagram);
    if (!message) {
        return;
    }
    if (message->message_class() == StunClass::Indication) {
        handle_data(*message, out);
    } else if (message->message_class() != StunClass::Request) {
        handle_response(now, *message, out);
    }
}

// RFC 8489 9.2.5: once there is a key, only what it signed counts; but a server that does not take
// our credentials cannot sign with them.
bool TurnClient::is_genuine(const StunMessage& message) const {
    if (message.message_class() == StunClass::Error) {
        return !message.has_integrity() || message.verify(key_).has_value();
    }
    return !key_.empty() && message.verify(key_).has_value();
}

void TurnClient::handle_response(Instant now, const StunMessage& message, TurnOutputs& out) {
    const auto found = requests_.find(message.transaction());
    if (found == requests_.end() || found->second.method != message.method() ||
        !is_genuine(message)) {
        return;
    }
    Request request = std::move(found->second);
    requests_.erase(found);
    if (message.message_class() == StunClass::Error) {
        handle_error(now, std::move(request), message, out);
    } else {
        handle_success(now, request, message, out);
    }
}

// RFC 8489 9.2.5: 401 names the realm, 438 a fresh nonce; each is answered once in a row.
void TurnClient::handle_error(Instant now,
                              Request request,
                              const StunMessage& message,
                              TurnOutputs& out) {
    const auto error = message.error();
    const int code = error ? error->code : 0;
    const auto realm = message.text(StunAttribute::Realm, limits::kStunText);
    const auto nonce = message.text(StunAttribute::Nonce, limits::kStunText);
    const bool unsigned_before = nonce_.empty();
    const bool may_try_again = (code == 401 && unsigned_before) || code == 438;
    if (may_try_again && nonce && (realm || !unsigned_before) &&
        request.challenged < limits::kTurnChallenges) {
        if (realm && unsigned_before) {
            realm_ = *realm;
            key_ = long_term_key(credentials_.username, realm_, credentials_.password);
        }
        nonce_ = *nonce;
        ++request.challenged;
        ask(now, std::move(request), out);
        return;
    }
    if (!request.peer && state_ != TurnState::Closed) {
        enter_failed({code == 401 ? Errc::Unauthorized : Errc::Refused, "TURN", code}, out);
    } else if (request.peer && request.method == StunMethod::CreatePermission) {
        peers_.erase(*request.peer);  // RFC 8656 9.4: forbidden; nothing goes there
    }
}

void TurnClient::handle_success(Instant now,
                                const Request& request,
                                const StunMessage& message,
                                TurnOutputs& out) {
    if (request.method == StunMethod::Allocate) {
        enter_allocated(now, message, out);
        return;
    }
    if (request.method == StunMethod::Refresh) {
        schedule_refresh(now, message);
        return;
    }
    const auto found = request.peer ? peers_.find(*request.peer) : peers_.end();
    if (found == peers_.end()) {
        return;
    }
    Peer& peer = found->second;
    peer.refresh_at = now + limits::kTurnPermissionRefresh;
    if (request.method == StunMethod::ChannelBind) {
        peer.bound = true;
        return;
    }
    peer.permitted = true;
    for (const Bytes& bytes : std::exchange(peer.waiting, {})) {
        out.transmits.push_back(wrap(found->first, peer, bytes, random_));
    }
    if (!peer.bound) {
        ask(now, {.method = StunMethod::ChannelBind, .peer = found->first}, out);
    }
}

void TurnClient::enter_allocated(Instant now, const StunMessage& message, TurnOutputs& out) {
    const auto relayed = message.address(StunAttribute::XorRelayedAddress);
    const auto mapped = message.address(StunAttribute::XorMappedAddress);
    if (!relayed || !mapped) {
        enter_failed({Errc::Malformed, "TURN allocation"}, out);
        return;
    }
    state_ = TurnState::Allocated;
    relayed_ = *relayed;
    schedule_refresh(now, message);
    out.events.emplace_back(TurnAllocated{*relayed, *mapped});
}

// RFC 8656 8: well before it ends.
void TurnClient::schedule_refresh(Instant now, const StunMessage& message) {
    const Seconds lifetime(message.number(StunAttribute::Lifetime).value_or(600));
    const Nanoseconds half = std::max<Seconds>(lifetime / 2, Seconds(1));
    refresh_at_ = now + std::min(half, limits::kTurnKeepAlive);
}

void TurnClient::enter_failed(const Error& error, TurnOutputs& out) {
    state_ = TurnState::Failed;
    requests_.clear();
    peers_.clear();
    relayed_.reset();
    refresh_at_.reset();
    out.events.emplace_back(TurnFailed{error});
}

void TurnClient::send(Instant now, const SocketAddress& address, ByteView bytes, TurnOutputs& out) {
    if (state_ != TurnState::Allocated) {
        return;
    }
    const auto known = peers_.find(address);
    if (known == peers_.end()) {
        if (peers_.size() == limits::kTurnPeers) {
            return;
        }
        permit(now, address, out);
    }
    Peer& peer = peers_.at(address);
    if (peer.permitted) {
        out.transmits.push_back(wrap(address, peer, bytes, random_));
    } else if (peer.waiting.size() < limits::kTurnWaiting) {
        peer.waiting.emplace_back(bytes.begin(), bytes.end());
    }
}

void TurnClient::permit(Instant now, const SocketAddress& address, TurnOutputs& out) {
    Peer peer;
    peer.channel = static_cast<std::uint16_t>(kFirstChannel + peers_.size());
    while (std::ranges::any_of(
        peers_, [&](const auto& other) { return other.second.channel == peer.channel; })) {
        peer.channel = peer.channel == kLastChannel ? kFirstChannel
                                                    : static_cast<std::uint16_t>(peer.channel + 1);
    }
    peer.refresh_at = now + limits::kTurnPermissionRefresh;
    peers_.emplace(address, std::move(peer));
    ask(now, {.method = StunMethod::CreatePermission, .peer = address}, out);
}

// RFC 8656 11.1 and 12.5.
Bytes TurnClient::wrap(const SocketAddress& address,
                       const Peer& peer,
                       ByteView bytes,
                       Random& random) {
    if (!peer.bound) {
        return StunWriter(StunClass::Indication, StunMethod::Send, make_transaction_id(random))
            .address(StunAttribute::XorPeerAddress, address)
            .bytes(StunAttribute::Data, bytes)
            .finish();
    }
    ByteWriter out;
    out.u16(peer.channel);
    out.u16(static_cast<std::uint16_t>(bytes.size()));
    out.bytes(bytes);
    return out.take();
}

// The server lets only those through that we have written to.
void TurnClient::handle_data(const StunMessage& message, TurnOutputs& out) {
    const auto from = message.address(StunAttribute::XorPeerAddress);
    const auto bytes = message.find(StunAttribute::Data);
    if (message.method() == StunMethod::Data && from && bytes && state_ == TurnState::Allocated) {
        out.events.emplace_back(TurnReceived{*from, Bytes(bytes->begin(), bytes->end())});
    }
}

void TurnClient::handle_channel_data(ByteView datagram, TurnOutputs& out) {
    if (datagram.size() < kChannelHeader) {
        return;
    }
    const std::uint16_t channel = load_be16(datagram.data());
    const std::size_t size = load_be16(datagram.data() + 2);
    const auto peer = std::ranges::find_if(
        peers_, [&](const auto& one) { return one.second.bound && one.second.channel == channel; });
    if (peer == peers_.end() || size > datagram.size() - kChannelHeader) {
        return;
    }
    const ByteView bytes = datagram.subspan(kChannelHeader, size);
    out.events.emplace_back(TurnReceived{peer->first, Bytes(bytes.begin(), bytes.end())});
}

void TurnClient::close(Instant now, TurnOutputs& out) {
    const bool allocated = state_ == TurnState::Allocated;
    state_ = TurnState::Closed;
    requests_.clear();
    peers_.clear();
    relayed_.reset();
    refresh_at_.reset();
    if (allocated) {
        ask(now, {.method = StunMethod::Refresh}, out);  // with a lifetime of zero
        requests_.clear();                               // and nobody waits for the answer
    }
}

void TurnClient::handle_timeout(Instant now, TurnOutputs& out) {
    for (auto& [id, request] : requests_) {
        if (request.due > now) {
            continue;
        }
        if (request.sent == limits::kTurnTransmissions) {
            enter_failed({Errc::Timeout, "TURN"}, out);
            return;
        }
        ++request.sent;
        request.wait *= 2;
        request.due = now + request.wait;
        if (!reliable_) {
            out.transmits.push_back(request.message);
        }
    }
    if (refresh_at_ && *refresh_at_ <= now) {
        refresh_at_.reset();
        ask(now, {.method = StunMethod::Refresh}, out);
    }
    for (auto& [address, peer] : peers_) {
        if (peer.refresh_at <= now) {
            peer.refresh_at = now + limits::kTurnPermissionRefresh;
            const StunMethod method =
                peer.bound ? StunMethod::ChannelBind : StunMethod::CreatePermission;
            ask(now, {.method = method, .peer = address}, out);
        }
    }
}

std::optional<Instant> TurnClient::next_timeout() const {
    std::optional<Instant> next = refresh_at_;
    for (const auto& [id, request] : requests_) {
        next = earlier(next, request.due);
    }
    for (const auto& [address, peer] : peers_) {
        next = earlier(next, peer.refresh_at);
    }
    return next;
}

}  // namespace patchbay::webrtc
