// SPDX-License-Identifier: Apache-2.0
#include "net/resolver.hpp"

#include "net/detail/endpoint.hpp"
#include "net/detail/steps.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace patchbay::net {

using boost::asio::ip::tcp;

namespace detail {
namespace {

class Lookup : public Cancelable, public std::enable_shared_from_this<Lookup> {
  public:
    using Done = UniqueFunction<void(Result<std::vector<IpAddress>>)>;

    Lookup(Shard& shard, Done done)
        : steps_(shard.steps()), resolver_(shard.context()), done_(std::move(done)) {}

    void start(const std::string& host) {
        resolver_.async_resolve(
            host, "", [self = shared_from_this()](const auto& error, const auto& results) {
                self->finish(error, results);
            });
    }

    void cancel() override {
        done_ = {};
        resolver_.cancel();
    }

  private:
    void finish(const boost::system::error_code& error,
                const tcp::resolver::results_type& results) {
        if (!done_) {
            return;
        }
        Result<std::vector<IpAddress>> found = fail(Errc::NotFound, "host name");
        if (error) {
            found = tl::unexpected(to_error(error, "host name"));
        } else if (!results.empty()) {
            found = addresses_of(results);
        }
        steps_.run("resolver", [&](Instant) { std::exchange(done_, {})(std::move(found)); });
    }

    static std::vector<IpAddress> addresses_of(const tcp::resolver::results_type& results) {
        std::vector<IpAddress> addresses;
        for (const bool v6 : {false, true}) {
            for (const auto& entry : results) {
                const IpAddress ip = from_endpoint(entry.endpoint()).ip;
                if (ip.is_v6() == v6 &&
                    std::find(addresses.begin(), addresses.end(), ip) == addresses.end()) {
                    addresses.push_back(ip);
                }
            }
        }
        return addresses;
    }

    Steps& steps_;
    tcp::resolver resolver_;
    Done done_;
};

}  // namespace
}  // namespace detail

Operation resolve(Shard& shard,
                  std::string host,
                  UniqueFunction<void(Result<std::vector<IpAddress>>)> done) {
    // Kept by the operation under way in the loop; the caller's handle only cancels it.
    const auto lookup = std::make_shared<detail::Lookup>(shard, std::move(done));
    lookup->start(host);
    return Operation(lookup);
}

}  // namespace patchbay::net
