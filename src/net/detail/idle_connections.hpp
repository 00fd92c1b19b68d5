// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "net/detail/dialer.hpp"
#include "net/http_pool.hpp"
#include "net/url.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace patchbay::net::detail {

// Connections to HTTP servers that nobody uses now, by scheme and authority. A pool and its
// requests share it.
class IdleConnections {
  public:
    using Connection = std::unique_ptr<Dialer>;

    static std::string server_of(const Url& url) { return url.scheme + "://" + url.authority; }

    // The youngest that is still open and leads where `admit` lets one connect to: who opened it
    // may have been allowed more. Null when there is none.
    Connection take(const std::string& server, Dialer::Admit& admit);
    void give_back(const std::string& server, Connection connection);
    void close();

    HttpPool::Statistics statistics;

  private:
    struct Kept {
        Connection connection;
        Instant since;
    };

    std::map<std::string, std::vector<Kept>> kept_;
    bool closed_ = false;
};

}  // namespace patchbay::net::detail
