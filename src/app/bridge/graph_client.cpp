// SPDX-License-Identifier: Apache-2.0
#include "app/bridge/graph_client.hpp"

#include "api/bridge/graph_json.hpp"
#include "base/text.hpp"
#include "bridge/limits.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace patchbay::app {
namespace {

bridge::graph::ActionOutcome outcome_of(const Result<net::HttpResponse>& response) {
    if (!response) {
        return tl::unexpected(response.error());
    }
    bridge::graph::Response out =
        api::bridge::read_graph_response(response->status, response->body);
    if (const auto after = response->fields.find("Retry-After")) {
        if (const auto seconds = parse_number<std::int64_t>(*after); seconds && *seconds >= 0) {
            out.retry_after = Seconds(*seconds);
        }
    }
    return out;
}

}  // namespace

net::Operation GraphClient::send(const bridge::GraphAccount& account,
                                 const bridge::graph::Action& action,
                                 Done done) {
    net::HttpFetch request;
    request.url = account.url + "/" + account.phone_number_id;
    request.time = bridge::graph::kRequestTime;
    request.body_limit = bridge::graph::kBody;
    if (account.access_token) {
        request.fields.set("Authorization", "Bearer " + account.access_token->reveal());
    }
    if (action.kind != bridge::graph::ActionKind::Probe) {
        request.method = net::HttpMethod::Post;
        request.url += "/calls";
        request.fields.set("Content-Type", "application/json");
        request.body = api::bridge::write_graph_action(action);
    }
    return pool_.send(std::move(request),
                      [done = std::move(done)](const Result<net::HttpResponse>& response) mutable {
                          done(outcome_of(response));
                      });
}

}  // namespace patchbay::app
