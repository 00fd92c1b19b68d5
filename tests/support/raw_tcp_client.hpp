// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/tcp_connection.hpp"
#include "support/run_shard.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::test {

// Speaks to a server byte by byte, as no well-behaved client would.
class RawTcpClient {
  public:
    RawTcpClient(net::Shard& shard, const SocketAddress& server) : shard_(shard) {
        operation_ = net::connect_tcp(
            shard, net::TcpConnect{server}, [this](Result<net::TcpConnection> result) {
                connection_ = std::make_unique<net::TcpConnection>(std::move(result.value()));
            });
        run_until(shard, [&] { return connection_ != nullptr; });
    }
    RawTcpClient(const RawTcpClient&) = delete;
    RawTcpClient& operator=(const RawTcpClient&) = delete;

    void send(std::string_view bytes) { (void)connection_->send(std::string(bytes)); }

    // Until then nothing is read, not even by the kernel's leave.
    void start_reading() {
        if (!std::exchange(reading_, true)) {
            connection_->start({[this](Instant, ByteView bytes) { received_ += as_text(bytes); },
                                [this](const Error&) { closed_ = true; }});
        }
    }

    // Waits until `text` has arrived; gives all that has.
    const std::string& read_until(std::string_view text) {
        start_reading();
        run_until(shard_, [&] { return closed_ || received_.find(text) != std::string::npos; });
        return received_;
    }
    const std::string& read_to_end() {
        start_reading();
        run_until(shard_, [&] { return closed_; });
        return received_;
    }

    const std::string& received() const { return received_; }
    bool closed() const { return closed_; }

  private:
    net::Shard& shard_;
    net::Operation operation_;
    std::unique_ptr<net::TcpConnection> connection_;
    std::string received_;
    bool reading_ = false;
    bool closed_ = false;
};

}  // namespace patchbay::test
