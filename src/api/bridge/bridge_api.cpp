// SPDX-License-Identifier: Apache-2.0
#include "api/bridge/bridge_api.hpp"

#include "api/bridge/read_change.hpp"
#include "api/bridge/status_words.hpp"
#include "api/bridge/words.hpp"
#include "base/overloaded.hpp"
#include "base/text.hpp"

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace patchbay::api::bridge {
namespace {

using patchbay::bridge::FieldProblem;
using patchbay::bridge::FieldProblems;

net::HttpResponse answer(int status, std::string body, Language language) {
    net::HttpResponse response = net::HttpResponse::json(status, std::move(body));
    response.fields.set("Content-Language", std::string(tag_of(language)));
    response.fields.set("Vary", "Accept-Language");
    response.fields.set("Cache-Control", "no-store");
    return response;
}

net::HttpResponse refuse(int status, Text why, Language language, FieldProblems problems = {}) {
    BridgeRefused refused{.error = std::string(text(why, language)), .fields = {}};
    for (FieldProblem& one : problems) {
        refused.fields.push_back(
            {std::move(one.field), std::string(problem_text(one.problem, language))});
    }
    return answer(status, encode_body(refused), language);
}

void translate(std::optional<std::string>& words, Language language) {
    if (words) {
        words = status_text(*words, language);
    }
}

BridgeStatus translated(BridgeStatus status, Language language) {
    translate(status.pbx.last_error, language);
    translate(status.listener.last_error, language);
    translate(status.whatsapp.last_error, language);
    translate(status.chrome.last_error, language);
    translate(status.node_helper.last_error, language);
    for (std::string& note : status.notes) {
        note = status_text(note, language);
    }
    return status;
}

std::string bridge_of(const net::HttpRequest& request) {
    return std::string(request.query_value("bridge").value_or(patchbay::bridge::kDefaultBridge));
}

void configure(const net::HttpRequest& request,
               net::Responder responder,
               Configuration& configuration) {
    const Language language = language_of(request);
    const auto type = request.header("Content-Type");
    if (type && !starts_with_ignoring_case(trim(*type), "application/json")) {
        responder.send(refuse(400, Text::Invalid, language,
                              {FieldProblem{"Content-Type", "must be application/json"}}));
        return;
    }
    ReadChange read = read_change(request.body);
    if (!read.is_object) {
        responder.send(refuse(400, Text::Invalid, language, std::move(read.problems)));
        return;
    }
    const std::string bridge = bridge_of(request);
    configuration.configure(
        bridge, std::move(read.change), std::move(read.problems),
        [bridge, language,
         responder = std::move(responder)](Configuration::Outcome outcome) mutable {
            responder.send(std::visit(
                Overloaded{
                    [&](const Configuration::Configured&) {
                        return answer(200,
                                      encode_body(BridgeConfigured{
                                          std::string(text(Text::Updated, language)), bridge}),
                                      language);
                    },
                    [&](FieldProblems& problems) {
                        return refuse(400, Text::Invalid, language, std::move(problems));
                    },
                    [&](const Error&) { return refuse(500, Text::Failed, language); },
                },
                outcome));
        });
}

void remove(const net::HttpRequest& request,
            net::Responder responder,
            Configuration& configuration) {
    const Language language = language_of(request);
    const std::string bridge = bridge_of(request);
    configuration.remove(bridge, [bridge, language, responder = std::move(responder)](
                                     const Result<void>& removed) mutable {
        if (removed) {
            responder.send(answer(
                200,
                encode_body(BridgeConfigured{std::string(text(Text::Removed, language)), bridge}),
                language));
        } else if (removed.error().code == Errc::NotFound) {
            responder.send(refuse(404, Text::NoBridge, language));
        } else {
            responder.send(refuse(500, Text::Failed, language));
        }
    });
}

}  // namespace

void add_bridge_routes(net::HttpServer& server, Configuration& configuration) {
    server.route(net::HttpMethod::Post, "/call/bridge/config",
                 [&configuration](const net::HttpRequest& request, net::Responder responder) {
                     configure(request, std::move(responder), configuration);
                 });
    server.route(net::HttpMethod::Delete, "/call/bridge/config",
                 [&configuration](const net::HttpRequest& request, net::Responder responder) {
                     remove(request, std::move(responder), configuration);
                 });
    server.route(net::HttpMethod::Get, "/call/bridge/config",
                 [&configuration](const net::HttpRequest& request, net::Responder responder) {
                     const Language language = language_of(request);
                     const auto settings = configuration.find(bridge_of(request));
                     responder.send(settings ? answer(200, encode_body(*settings), language)
                                             : refuse(404, Text::NoBridge, language));
                 });
    server.route(
        net::HttpMethod::Get, "/call/bridge/status",
        [&configuration](const net::HttpRequest& request, net::Responder responder) {
            const Language language = language_of(request);
            configuration.ask_status(
                bridge_of(request), [language, responder = std::move(responder)](
                                        const std::optional<BridgeStatus>& status) mutable {
                    responder.send(
                        status ? answer(200, encode_body(translated(*status, language)), language)
                               : refuse(404, Text::NoBridge, language));
                });
        });
}

}  // namespace patchbay::api::bridge
