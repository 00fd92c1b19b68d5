// SPDX-License-Identifier: Apache-2.0
#include "net/detail/handshake_thread.hpp"

#include "net/limits.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <utility>

namespace patchbay::net::detail {

namespace asio = boost::asio;

HandshakeThread::~HandshakeThread() {
    thread_.stop();
    thread_.join();
}

void HandshakeThread::go_on(std::shared_ptr<TlsEngine> engine,
                            UniqueFunction<void(Result<bool>)> done) {
    if (!std::exchange(named_, true)) {
        asio::post(thread_, [] {
            pthread_setname_np(pthread_self(), "tls");
            // On Linux the nice value belongs to the thread.
            ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kHandshakeNice);
        });
    }
    asio::post(thread_, [this, engine = std::move(engine), back = std::move(done)]() mutable {
        const Result<bool> over = engine->shake_hands();
        // Whoever waits is destroyed by the shard's thread only.
        asio::post(shard_, [over, back = std::move(back)]() mutable { back(over); });
    });
}

}  // namespace patchbay::net::detail
