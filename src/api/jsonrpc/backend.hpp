// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jsonrpc/report.hpp"
#include "base/address.hpp"
#include "base/unique_function.hpp"

// What carries the commands out: the server's own calls, or a proxy. One per shard, touched by its
// thread only.
namespace patchbay::api::jsonrpc {

class Backend {
  public:
    // May be called from inside begin(), ask() and cancel(), and at any later time.
    using Tell = UniqueFunction<void(CommandKey, const Report&)>;

    Backend() = default;
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    virtual ~Backend() = default;

    virtual void on_report(Tell tell) = 0;
    // `client` is the address of the connection.
    virtual void begin(CommandKey key, const Command& command, const IpAddress& client) = 0;
    virtual void ask(CommandKey key, const Query& query) = 0;
    // The command still reports its end.
    virtual void cancel(CommandKey key) = 0;
};

}  // namespace patchbay::api::jsonrpc
