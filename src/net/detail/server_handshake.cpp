// SPDX-License-Identifier: Apache-2.0
#include "net/detail/server_handshake.hpp"

#include "base/bytes.hpp"
#include "net/detail/handshake_thread.hpp"
#include "net/tls_engine.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace patchbay::net::detail {
namespace {

namespace asio = boost::asio;

// RFC 8446 5.1: type, version, length.
constexpr std::size_t kRecordHeader = 5;
constexpr std::uint8_t kFirstContentType = 20;        // change_cipher_spec
constexpr std::uint8_t kLastContentType = 23;         // application_data
constexpr std::size_t kMaxRecord = 16 * 1024 + 2048;  // RFC 5246 6.2.3

// The length of what follows the header; nothing for what is no record of TLS.
std::optional<std::size_t> record_length(const Bytes& header) {
    const std::size_t length = std::size_t{header[3]} << 8 | header[4];
    const bool is_record = header[0] >= kFirstContentType && header[0] <= kLastContentType;
    return is_record && length <= kMaxRecord ? std::optional(length) : std::nullopt;
}

// One whole record and not a byte of the next: what follows the handshake is for the stream that
// takes over. Empty when there is none.
Awaitable<Bytes> read_record(Channel::Socket& socket) {
    Bytes record(kRecordHeader);
    auto header = asio::buffer(record);
    const auto [no_header, header_size] = co_await asio::async_read(socket, header, kAwait);
    const auto length = no_header ? std::nullopt : record_length(record);
    if (!length) {
        co_return Bytes();
    }
    record.resize(kRecordHeader + *length);
    auto content = asio::buffer(record) + kRecordHeader;
    const auto [no_content, content_size] = co_await asio::async_read(socket, content, kAwait);
    co_return no_content ? Bytes() : std::move(record);
}

Awaitable<Result<bool>> compute(Shard& shard, std::shared_ptr<TlsEngine> engine) {
    Signal computed(shard.context().get_executor());
    Result<bool> over = false;
    shard.handshakes().go_on(std::move(engine), [&](Result<bool> result) {
        over = result;
        computed.notify();
    });
    co_await computed.wait(std::nullopt);
    co_return over;
}

}  // namespace

Awaitable<bool> accept_tls(Shard& shard, Channel& channel, TlsContext context) {
    const auto engine = std::make_shared<TlsEngine>(TlsEngine::server(context));
    Channel::Socket& socket = channel.socket();
    bool over = false;
    while (!over) {
        const Bytes record = co_await read_record(socket);
        if (record.empty()) {
            co_return false;
        }
        engine->feed(record);
        const Result<bool> step = co_await compute(shard, engine);
        const std::string flight = engine->take();  // or an alert
        const auto bytes = asio::buffer(flight);
        const auto [error, count] = co_await asio::async_write(socket, bytes, kAwait);
        if (error || !step) {
            co_return false;
        }
        over = *step;
    }
    channel.use_tls(engine->release());
    co_return true;
}

}  // namespace patchbay::net::detail
