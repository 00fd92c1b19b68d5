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
#include "net/url.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace patchbay::net {

struct HttpDownload {
    std::string url;  // http: or https:
    // A POST is not sent again elsewhere: a redirection is its answer.
    HttpMethod method = HttpMethod::Get;
    HttpFields fields;
    std::string body;
    Nanoseconds time = kDownloadTime;       // for everything
    Nanoseconds idle_time = kDownloadIdle;  // without a byte
    std::size_t body_limit = kFetchBody;
    // Asked with the address that a name resolved to, of the URL and of every redirection; empty
    // admits all. A name that resolves to several is tried at those that are admitted.
    UniqueFunction<bool(const SocketAddress&)> admit;
};

struct DownloadHandlers {
    // The head of the final answer, whatever its status; an error ends the download.
    UniqueFunction<Result<void>(const HttpResponse& head)> head;
    UniqueFunction<void(ByteView piece)> piece;  // valid during the call only
    // Once and last, unless the operation is canceled.
    UniqueFunction<void(Result<void>)> done;
};

// A request whose answer's body is handed on as it arrives. Redirections are followed,
// kMaxRedirects at most, each through `admit`, and never from https to http. Errors: those of
// fetch(), Forbidden for a redirection that is not followed, Unsupported for a compressed body,
// which nobody asked for.
Operation download(Shard& shard, HttpDownload request, DownloadHandlers handlers);

// Where a Location field leads from `base` (RFC 9110 10.2.2, RFC 3986 5.2 as far as servers use
// it).
Result<std::string> resolve_location(const Url& base, std::string_view location);

}  // namespace patchbay::net
