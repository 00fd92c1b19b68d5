// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "net/http_client.hpp"
#include "net/http_message.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"

#include <cstdint>
#include <memory>

namespace patchbay::net {

struct HttpDownload;
struct DownloadHandlers;
namespace detail {
class IdleConnections;
}

// Requests to few servers, often: connections are kept open between requests and used again, so
// that a request costs no handshake. A connection that its server closed meanwhile is noticed, and
// the request goes out once more on a fresh one, as long as nothing of a response was seen. Whoever
// may not connect to where a kept connection leads gets none of it.
//
// Errors are those of fetch() and net::download(). Belongs to one shard; the completions of its
// operations may outlive it.
class HttpPool {
  public:
    struct Statistics {
        std::uint64_t requests = 0;
        std::uint64_t connections = 0;  // opened
    };

    explicit HttpPool(Shard& shard);
    ~HttpPool();
    HttpPool(const HttpPool&) = delete;
    HttpPool& operator=(const HttpPool&) = delete;

    Operation send(HttpFetch request, UniqueFunction<void(Result<HttpResponse>)> done);
    // As net::download().
    Operation download(HttpDownload request, DownloadHandlers handlers);
    Statistics statistics() const;

  private:
    Shard& shard_;
    // Shared with the requests under way, which give their connections back.
    std::shared_ptr<detail::IdleConnections> idle_;
};

}  // namespace patchbay::net
