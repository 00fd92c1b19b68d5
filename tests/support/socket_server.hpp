// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// A WebSocket server of a world: what it is told, what it answers, and when. No network.
namespace patchbay::test {

struct SocketClose {
    int code = 1000;
    std::string reason;
};
struct SocketCut {};  // the connection breaks without a word
struct SocketReply {
    std::variant<std::string, Bytes, SocketClose, SocketCut> what;
    Nanoseconds after{0};  // since the message that it answers, beside the network
};
using SocketReplies = std::vector<SocketReply>;

struct SocketRequest {
    std::string url;
    std::vector<std::pair<std::string, std::string>> fields;
    Instant at;

    // Empty: there is none.
    std::string field(std::string_view name) const {
        for (const auto& [one, value] : fields) {
            if (one == name) {
                return value;
            }
        }
        return {};
    }
};

// The server's side of one connection.
class SocketPeer {
  public:
    SocketPeer() = default;
    SocketPeer(const SocketPeer&) = delete;
    SocketPeer& operator=(const SocketPeer&) = delete;
    virtual ~SocketPeer() = default;

    virtual void opened(Instant /*now*/, SocketReplies& /*out*/) {}
    virtual void text(Instant now, std::string_view message, SocketReplies& out) = 0;
    virtual void binary(Instant now, ByteView message, SocketReplies& out) = 0;
    virtual void closed(Instant /*now*/) {}
};

class SocketServer {
  public:
    SocketServer() = default;
    SocketServer(const SocketServer&) = delete;
    SocketServer& operator=(const SocketServer&) = delete;
    virtual ~SocketServer() = default;

    // A connection, or the HTTP status that refuses one.
    virtual std::variant<std::unique_ptr<SocketPeer>, int> accept(const SocketRequest& request) = 0;
};

}  // namespace patchbay::test
