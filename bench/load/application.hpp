// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/unique_function.hpp"
#include "load/mark_watch.hpp"
#include "load/plan.hpp"
#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "net/web_socket.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace patchbay::bench {

// The WebSocket server that calls exchange their audio with (mediaPass): PCM at 16 kHz both ways, a
// message for each 20 ms. It says a tone, and of what it hears it knows when a mark came. Calls are
// spread over the 20 ms as the phones are.
class Application {
  public:
    struct Events {
        UniqueFunction<void(std::size_t number)> connected;
        // A mark leaves for that call's phone.
        UniqueFunction<void(Instant now, std::size_t number)> marked;
    };

    // `delays` gets those from the phones to here. `shard` ticks every millisecond.
    Application(net::Shard& shard, const Plan& plan, Percentiles& delays, Events events);

    Result<void> listen();

    // The phone of that call sent a mark.
    void mark_sent(Instant now, std::size_t number);
    // Says a second's worth at once, and then no more: what an interrupt has to cut.
    void say_all(std::size_t number);
    void forget_calls() { calls_.clear(); }

    std::uint64_t messages_heard() const { return heard_; }
    std::uint64_t missed_marks() const;

  private:
    struct Call {
        net::WebSocket socket;
        MarkWatch watch;
        std::uint64_t said = 0;  // messages
        bool silent = false;
    };

    void open(std::size_t number, net::WebSocket socket);
    void hear(Instant now, std::size_t number, ByteView message);
    void say(Call& call, bool mark);
    void tick(const net::Tick& tick);

    const Plan& plan_;
    Percentiles& delays_;
    Events events_;
    net::HttpServer server_;
    std::unordered_map<std::size_t, Call> calls_;
    Bytes tone_;     // a second of it
    Bytes silence_;  // 20 ms
    std::uint64_t heard_ = 0;
};

}  // namespace patchbay::bench
