// SPDX-License-Identifier: Apache-2.0
#include "api/bridge/graph_webhook.hpp"

#include "api/bridge/graph_json.hpp"
#include "base/hmac_sha256.hpp"
#include "base/text.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::api::bridge {
namespace {

namespace model = patchbay::bridge;

std::string bridge_of(const net::HttpRequest& request) {
    return std::string(request.parameter("bridge").value_or(model::kDefaultBridge));
}

// Nothing for a bridge that hears no webhooks: nobody is told which bridges there are.
std::optional<model::MetaSettings> meta_of(const net::HttpRequest& request,
                                           const Configuration& configuration) {
    const auto settings = configuration.find(bridge_of(request));
    if (!settings || model::provider_of(*settings) != model::Provider::MetaGraph) {
        return std::nullopt;
    }
    return settings->meta;
}

net::HttpResponse shake_hands(const net::HttpRequest& request, const Configuration& configuration) {
    const auto meta = meta_of(request, configuration);
    const auto token = request.query_value("hub.verify_token");
    const bool is_known = meta && meta->verify_token && token &&
                          equals_in_constant_time(meta->verify_token->reveal(), *token);
    if (!is_known || request.query_value("hub.mode") != "subscribe") {
        return net::HttpResponse::error(403, "the verify token is not known");
    }
    return net::HttpResponse::text(200,
                                   std::string(request.query_value("hub.challenge").value_or("")));
}

// Over the bytes as they came, before anything of them is read.
bool is_signed(const net::HttpRequest& request, const Secret<std::string>& secret) {
    constexpr std::string_view kScheme = "sha256=";
    const std::string_view signature = request.header("X-Hub-Signature-256").value_or("");
    return signature.starts_with(kScheme) &&
           equals_in_constant_time(hmac_sha256_hex(secret.reveal(), request.body),
                                   to_lower(signature.substr(kScheme.size())));
}

// What is signed is answered 200 whatever it says: Meta would only send it again.
net::HttpResponse take(const net::HttpRequest& request, Configuration& configuration) {
    const auto meta = meta_of(request, configuration);
    if (!request.header("X-Hub-Signature-256")) {
        return net::HttpResponse::error(401, "there is no signature");
    }
    if (!meta || !meta->app_secret || !is_signed(request, *meta->app_secret)) {
        return net::HttpResponse::error(403, "the signature is wrong");
    }
    if (const auto notices = read_graph_webhook(request.body); notices && !notices->empty()) {
        configuration.notify(bridge_of(request), *notices);
    }
    return net::HttpResponse::text(200, "");
}

}  // namespace

void add_graph_webhook(net::HttpServer& server, Configuration& configuration) {
    for (const char* path : {"/call/bridge/webhook", "/call/bridge/webhook/{bridge}"}) {
        server.route(net::HttpMethod::Get, path,
                     [&configuration](const net::HttpRequest& request, net::Responder responder) {
                         responder.send(shake_hands(request, configuration));
                     });
        server.route(net::HttpMethod::Post, path,
                     [&configuration](const net::HttpRequest& request, net::Responder responder) {
                         responder.send(take(request, configuration));
                     });
    }
}

}  // namespace patchbay::api::bridge
