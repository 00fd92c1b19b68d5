// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "net/detail/doorbell.hpp"
#include "net/tls_engine.hpp"

#include <boost/asio/thread_pool.hpp>

#include <memory>
#include <mutex>
#include <vector>

namespace patchbay::net::detail {

// Where the TLS handshakes of one shard are computed: a signature by an RSA key takes milliseconds,
// and the audio of all calls would wait for it. It moves no bytes. Called by the shard, which
// outlives it.
class HandshakeThread {
  public:
    explicit HandshakeThread(boost::asio::io_context& shard);
    HandshakeThread(const HandshakeThread&) = delete;
    HandshakeThread& operator=(const HandshakeThread&) = delete;
    ~HandshakeThread();  // what is under way is not waited for, nor told

    // TlsEngine::shake_hands(). Nobody touches the engine until the shard has called `done`.
    void go_on(std::shared_ptr<TlsEngine> engine, UniqueFunction<void(Result<bool>)> done);

  private:
    // Whoever waits is called, and destroyed, by the shard's thread only.
    struct Job {
        std::shared_ptr<TlsEngine> engine;
        UniqueFunction<void(Result<bool>)> done;
        Result<bool> over = false;
    };

    void tell_done();

    std::mutex mutex_;
    std::vector<Job> done_;  // guarded by mutex_
    Doorbell doorbell_;
    boost::asio::thread_pool thread_{1};
};

}  // namespace patchbay::net::detail
