// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>

namespace patchbay::net {

// A call plays out in one of four phases, so a packet waits 5 ms at most where a single 20 ms tick
// would let it wait 20.
inline constexpr Milliseconds kTickInterval{5};
// A shard that was held up runs the ticks it missed one after the other, so that no call loses a
// frame; beyond 100 ms the listener has heard the gap anyway and the rest is skipped and counted.
inline constexpr int kCatchUpTicks = 20;
// A callback longer than this delays a tick of every call on the shard.
inline constexpr Milliseconds kStallThreshold{5};
// Values waiting for one shard. A full mailbox refuses; it never blocks the sender.
inline constexpr std::size_t kMailboxCapacity = 8192;
// Tasks of the mailbox run in one go before sockets and ticks are looked at again.
inline constexpr std::size_t kMailboxBatch = 64;

// The largest UDP payload. SIP over UDP may use all of it, RTP never does.
inline constexpr std::size_t kMaxDatagram = 65536;
// Datagrams read from one socket before the next socket has its turn.
inline constexpr unsigned kDatagramBatch = 16;
// A stream of audio has one datagram each time, and asking for more costs a second look into the
// empty socket.
inline constexpr unsigned kMediaDatagramBatch = 1;
// 64 kB of SIP arrive in bursts when a trunk restarts; the kernel's default of 208 kB drops them.
inline constexpr int kSignallingReceiveBuffer = 4 * 1024 * 1024;
// 200 ms of G.711 in 20 ms packets with the kernel's bookkeeping; more would only be played late.
inline constexpr int kMediaReceiveBuffer = 64 * 1024;

// Connections of one listener, and of one address on it. An address may hold half of a listener,
// because one application server often carries all calls.
inline constexpr std::size_t kMaxConnections = 4096;
inline constexpr std::size_t kMaxConnectionsPerSource = 2048;
// SIP over TCP: a phone speaks first. One that does not is a scanner or a half-open flood.
inline constexpr Seconds kTimeToFirstByte{10};
// RFC 5626 4.4.1 lets a client send its keep-alive as rarely as every 120 s; 32 s are Timer B.
inline constexpr Seconds kTcpIdleTime{152};
// Bytes that a TCP peer may leave unread before the connection is given up.
inline constexpr std::size_t kTcpWriteQueue = 1024 * 1024;
inline constexpr Seconds kConnectTime{10};
// The handshakes of TLS give way to the audio of calls.
inline constexpr int kHandshakeNice = 5;

inline constexpr std::size_t kHttpHeader = 16 * 1024;
inline constexpr std::size_t kHttpBody = 1024 * 1024;
// From the acceptance of a connection, or the start of a body, to the end of it.
inline constexpr Seconds kHttpRequestTime{15};
// Between two requests of one connection.
inline constexpr Seconds kHttpKeepAlive{60};
// A route that has not answered by then is answered for with 504.
inline constexpr Seconds kHttpResponseTime{60};
inline constexpr Seconds kHttpWriteTime{30};
// What a streamed response may run ahead of its reader.
inline constexpr std::size_t kHttpStreamQueue = 256 * 1024;
// After a refusal the rest of the request is read and forgotten for a moment, because closing on
// unread bytes resets the connection and the client would not see the refusal.
inline constexpr Seconds kHttpLingerTime{1};
inline constexpr std::size_t kHttpLingerBytes = 4 * 1024 * 1024;
// What a response of another server may hold.
inline constexpr std::size_t kFetchBody = 16 * 1024 * 1024;
inline constexpr Seconds kFetchTime{30};
// Media that plays while it is on its way may take longer, but not trickle for ever.
inline constexpr Seconds kDownloadTime{120};
inline constexpr Seconds kDownloadIdle{10};
inline constexpr int kMaxRedirects = 5;

inline constexpr std::size_t kWebSocketMessage = 1024 * 1024;
// A client that leaves this much, or anything for this long, unread is closed with 1013.
inline constexpr std::size_t kWebSocketQueue = 1024 * 1024;
inline constexpr Seconds kWebSocketUnread{10};
// Audio may take a quarter of the queue; the rest is for events.
inline constexpr std::size_t kWebSocketDroppableQueue = kWebSocketQueue / 4;
inline constexpr Seconds kWebSocketHandshake{10};
// How long the closing handshake may take.
inline constexpr Seconds kWebSocketCloseGrace{5};

// One server's time for one try, doubled for the next; all tries end before a lookup does.
inline constexpr Milliseconds kDnsTryTime{1500};
inline constexpr int kDnsTries = 2;
// What one DNS message may hold for us, and how many aliases lead to it.
inline constexpr std::size_t kMaxDnsRecords = 256;
inline constexpr std::size_t kMaxDnsAliases = 8;
// A line of the hosts file has no time to live; people edit it and expect it to hold soon.
inline constexpr Seconds kHostsFileTime{5};

}  // namespace patchbay::net
