// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/fake_meta/options.hpp"
#include "app/shard/rtp_ports.hpp"
#include "app/terminal/terminal_keys.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "lab/meta/authority.hpp"
#include "lab/meta/service.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"
#include "net/tcp_listener.hpp"
#include "net/tls_context.hpp"
#include "sip/stream_framer.hpp"
#include "webrtc/dtls/context.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::app {

// `patchbay fake-meta`: sockets, certificates and output around one lab::meta::Service, on one
// shard. All behaviour is the service's.
class FakeMetaProcess {
  public:
    FakeMetaProcess(net::Shard& shard, FakeMetaOptions options);
    FakeMetaProcess(const FakeMetaProcess&) = delete;
    FakeMetaProcess& operator=(const FakeMetaProcess&) = delete;
    ~FakeMetaProcess();

    // The error is a sentence for a person.
    Expected<void, std::string> start();

  private:
    struct Connection {
        std::unique_ptr<net::TcpConnection> tcp;
        sip::StreamFramer framer;
    };

    Expected<void, std::string> open_tls();
    std::uint64_t add(net::TcpConnection tcp);
    void take_bytes(Instant now, std::uint64_t number, ByteView bytes);
    void close(std::uint64_t number);
    void call(const std::string& user);
    void command(const std::string& line);

    // Every call into the service goes through here, so that its outputs are taken.
    template <class Action>
    void step(Action&& action);

    net::Shard& shard_;
    FakeMetaOptions options_;
    WallAnchor wall_;
    SystemRandom random_;
    std::optional<webrtc::DtlsContext> dtls_;
    std::optional<net::TlsContext> client_tls_;
    lab::meta::Certificates files_;
    RtpPorts rtp_;
    std::optional<net::TcpListener> listener_;
    std::map<std::uint64_t, Connection> connections_;
    std::uint64_t next_connection_ = 1;
    std::map<std::uint64_t, net::Operation> connecting_;
    std::optional<lab::meta::Service> service_;
    std::optional<TerminalKeys> keys_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // seen by what was posted
};

}  // namespace patchbay::app
