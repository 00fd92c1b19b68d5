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

HandshakeThread::HandshakeThread(asio::io_context& shard)
    : doorbell_(shard, [this] { tell_done(); }) {
    asio::post(thread_, [] {
        pthread_setname_np(pthread_self(), "tls");
        // On Linux the nice value belongs to the thread.
        ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kHandshakeNice);
    });
}

HandshakeThread::~HandshakeThread() {
    thread_.stop();
    thread_.join();
}

void HandshakeThread::go_on(std::shared_ptr<TlsEngine> engine,
                            UniqueFunction<void(Result<bool>)> done) {
    asio::post(thread_,
               [this, job = Job{.engine = std::move(engine), .done = std::move(done)}]() mutable {
                   job.over = job.engine->shake_hands();
                   {
                       const std::lock_guard lock(mutex_);
                       done_.push_back(std::move(job));
                   }
                   doorbell_.ring();
               });
}

void HandshakeThread::tell_done() {
    std::vector<Job> done;
    {
        const std::lock_guard lock(mutex_);
        done.swap(done_);
    }
    for (Job& job : done) {
        job.done(job.over);
    }
}

}  // namespace patchbay::net::detail
