// SPDX-License-Identifier: Apache-2.0
#include "net/detail/doorbell.hpp"

#include "base/ensure.hpp"

#include <boost/asio/io_context.hpp>
#include <sys/eventfd.h>

#include <utility>

namespace patchbay::net::detail {
namespace {

int make_event() {
    const int descriptor = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    PB_ENSURE(descriptor >= 0);
    return descriptor;
}

}  // namespace

Doorbell::Doorbell(boost::asio::io_context& shard, UniqueFunction<void()> rung)
    : event_(shard, make_event()), rung_(std::move(rung)) {
    wait();
}

void Doorbell::ring() noexcept {
    (void)::eventfd_write(event_.native_handle(), 1);
}

void Doorbell::wait() {
    event_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [this](const boost::system::error_code& error) {
                          if (!error) {
                              answer();
                          }
                      });
}

void Doorbell::answer() {
    eventfd_t rings = 0;
    (void)::eventfd_read(event_.native_handle(), &rings);
    wait();
    rung_();
}

}  // namespace patchbay::net::detail
