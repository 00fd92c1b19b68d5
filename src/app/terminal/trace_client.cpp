// SPDX-License-Identifier: Apache-2.0
#include "app/terminal/trace_client.hpp"

#include "api/messages/trace.hpp"
#include "app/terminal/trace_ladder.hpp"
#include "base/text.hpp"
#include "net/http_client.hpp"
#include "net/shard.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <optional>
#include <string>
#include <utility>

namespace patchbay::app {
namespace {

int complain(const std::string& why) {
    std::fprintf(stderr, "patchbay: %s\n", why.c_str());
    return 1;
}

std::string explain(const Error& error, const std::string& address) {
    if (error.code == Errc::Refused) {
        return fmt::format(
            "no server answers at {}: start one with `patchbay serve`, or name it with --server",
            address);
    }
    return fmt::format("the server at {} cannot be asked: {}", address, describe(error));
}

std::string explain(const net::HttpResponse& response, const TraceOptions& options) {
    switch (response.status) {
        case 401: return "the server wants a token: give it with --token";
        case 404:
            return fmt::format(
                "the server keeps no SIP messages of a call '{}'; it keeps those of its latest "
                "calls, by "
                "session id or Call-ID",
                options.id);
        default: return fmt::format("the server answered {}: {}", response.status, response.body);
    }
}

}  // namespace

int show_trace(const TraceOptions& options) {
    net::Shard shard;
    const std::string address = options.server.server.to_string();
    net::HttpFetch request;
    request.url = fmt::format("http://{}/call/trace/{}", address, percent_encode(options.id));
    if (!options.server.token.reveal().empty()) {
        request.fields.set("Authorization", "Bearer " + options.server.token.reveal());
    }
    std::optional<Result<net::HttpResponse>> outcome;
    const net::Operation operation =
        net::fetch(shard, std::move(request), [&](Result<net::HttpResponse> result) {
            outcome = std::move(result);
            shard.stop();
        });
    shard.run();
    if (!outcome || !*outcome) {
        return complain(
            explain(outcome ? outcome->error() : Error{Errc::Closed, "connection"}, address));
    }
    const net::HttpResponse& response = **outcome;
    const auto trace = response.status == 200 ? std::optional(api::decode_call_trace(response.body))
                                              : std::nullopt;
    if (!trace || !*trace) {
        return complain(explain(response, options));
    }
    const std::string text = render_ladder(**trace);
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
}

}  // namespace patchbay::app
