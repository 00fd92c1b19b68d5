// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "net/http_message.hpp"
#include "net/limits.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"

#include <cstddef>
#include <string>

namespace patchbay::net {

struct HttpFetch {
    HttpMethod method = HttpMethod::Get;
    std::string url;  // http: or https:
    HttpFields fields;
    std::string body;
    Nanoseconds time = kFetchTime;  // for everything: name, connection, request, response
    std::size_t body_limit = kFetchBody;
    // Asked with the address that the name resolved to; empty admits all.
    UniqueFunction<bool(const SocketAddress&)> admit;
};

// One request on a connection of its own. Redirections are not followed: each target has to pass
// the caller's guard. Errors: Malformed (URL or response), NotFound (name), Forbidden (admit),
// Refused, Timeout, TooLarge, Closed, System. Any status is a success here. `done` is called once,
// from the loop, unless the operation is canceled.
Operation fetch(Shard& shard, HttpFetch request, UniqueFunction<void(Result<HttpResponse>)> done);

}  // namespace patchbay::net
