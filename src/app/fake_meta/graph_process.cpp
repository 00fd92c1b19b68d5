// SPDX-License-Identifier: Apache-2.0
#include "app/fake_meta/graph_process.hpp"

#include "app/fake_meta/command.hpp"
#include "base/text.hpp"
#include "net/local_address.hpp"

#include <fmt/format.h>

#include <utility>

namespace patchbay::app {
namespace {

using lab::meta::GraphOutputs;
namespace note = lab::meta::note;

constexpr std::string_view kVersion = "v23.0";

// 0: nobody answered.
int status_of(const Result<net::HttpResponse>& response) {
    return response ? response->status : 0;
}

}  // namespace

FakeGraphProcess::FakeGraphProcess(net::Shard& shard, FakeMetaOptions options)
    : shard_(shard),
      options_(std::move(options)),
      wall_(net::read_wall_anchor()),
      rtp_(shard,
           {.span = kFakeMetaRtpPorts, .listen = options_.listen.ip, .external = std::nullopt},
           [this](Instant now,
                  call::RtpPort port,
                  RtpPorts::Socket /*socket*/,
                  const SocketAddress& from,
                  ByteView packet) {
               step([&](GraphOutputs& out) { service_->handle_rtp(now, port, from, packet, out); });
           }),
      server_(shard),
      pool_(shard) {}

Expected<void, std::string> FakeGraphProcess::start() {
    auto dtls = webrtc::DtlsContext::make(wall_.at(shard_.now()), random_);
    if (!dtls) {
        return tl::unexpected<std::string>("no certificate for DTLS can be made");
    }
    dtls_ = *std::move(dtls);
    options_.graph.users = options_.account;
    service_.emplace(options_.graph,
                     lab::meta::Surroundings{
                         .wall = wall_, .dtls = *dtls_, .random = random_, .open_port = [this] {
                             return rtp_.open(options_.listen.ip);
                         }});
    PB_CHECK(listen());
    shard_.on_tick([this](const net::Tick& tick) {
        step([&](GraphOutputs& out) { service_->tick(tick.now, out); });
    });
    keys_.emplace(shard_, TypedLines([this](const std::string& line) { command(line); }),
                  KeyMode::Lines);
    return {};
}

Expected<void, std::string> FakeGraphProcess::listen() {
    const auto handler = [this](const net::HttpRequest& request, net::Responder responder) {
        take_request(request, std::move(responder));
    };
    server_.route(net::HttpMethod::Get, "/{version}/{number}", handler);
    server_.route(net::HttpMethod::Post, "/{version}/{number}/calls", handler);
    const auto bound = server_.listen(options_.listen);
    if (!bound) {
        return tl::unexpected(
            fmt::format("cannot listen on {} ({}): --listen ADDR:PORT chooses another",
                        options_.listen.to_string(), describe(bound.error())));
    }
    print_note(
        note::Listening{.timestamp = wall_.at(shard_.now()),
                        .server = fmt::format("http://{}/{}", bound->to_string(), kVersion)});
    return {};
}

// The answer goes before the webhooks that it leads to.
void FakeGraphProcess::take_request(const net::HttpRequest& request, net::Responder responder) {
    step([&](GraphOutputs& out) {
        lab::meta::GraphReply reply = service_->handle_request(
            shard_.now(),
            {.posts = request.method == net::HttpMethod::Post,
             .path = request.path,
             .authorization = std::string(request.header("Authorization").value_or("")),
             .body = request.body},
            out);
        responder.send(net::HttpResponse::json(reply.status, std::move(reply.body)));
    });
}

void FakeGraphProcess::send_next_webhook() {
    if (is_sending_ || webhooks_.empty()) {
        return;
    }
    is_sending_ = true;
    net::HttpFetch request;
    request.method = net::HttpMethod::Post;
    request.url = options_.webhook;
    request.body = webhooks_.front().body;
    request.fields.set("Content-Type", "application/json");
    request.fields.set("X-Hub-Signature-256",
                       lab::meta::graph::signature_of(request.body, options_.graph.app_secret));
    sending_ = pool_.send(std::move(request), [this](const Result<net::HttpResponse>& response) {
        print_note(
            note::Webhook{wall_.at(shard_.now()), webhooks_.front().about, status_of(response)});
        webhooks_.pop_front();
        is_sending_ = false;
        send_next_webhook();
    });
}

// As Meta does when somebody enters the webhook there.
void FakeGraphProcess::shake_hands() {
    const std::string challenge = random_.token(10);
    net::HttpFetch request;
    request.url = fmt::format("{}?hub.mode=subscribe&hub.verify_token={}&hub.challenge={}",
                              options_.webhook, options_.graph.verify_token.reveal(), challenge);
    hand_shake_ = pool_.send(
        std::move(request), [this, challenge](const Result<net::HttpResponse>& response) {
            print_note(note::Webhook{wall_.at(shard_.now()), "subscribe", status_of(response)});
            if (response && response->status == 200 && response->body != challenge) {
                print_note(note::Problem{wall_.at(shard_.now()),
                                         "the challenge was not answered with itself"});
            }
        });
}

bool FakeGraphProcess::command_of_graph(std::string_view verb, const std::string& value) {
    if (verb == "call") {
        step([&](GraphOutputs& out) { service_->call(shard_.now(), value, out); });
    } else if (verb == "subscribe") {
        shake_hands();
    } else if (verb == "refuse") {
        service_->refuse_calls(parse_number<int>(value).value_or(0));
    } else if (verb == "token") {
        service_->account().access_token = Secret<std::string>(value);
    } else {
        return false;
    }
    return true;
}

void FakeGraphProcess::command(const std::string& line) {
    const auto [verb, rest] = split_once(trim(line), ' ');
    const std::string value(trim(rest));
    if (verb == "quit") {
        return shard_.stop();
    }
    if (verb.empty() || command_of_graph(verb, value)) {
        return;
    }
    step([&, word = verb](GraphOutputs& out) {
        if (!command_user(*service_, service_->account().users, shard_.now(), word, value, out)) {
            out.notes.emplace_back(note::Problem{wall_.at(shard_.now()),
                                                 fmt::format("there is no command '{}'", word)});
        }
    });
}

template <class Action>
void FakeGraphProcess::step(Action&& action) {
    if (!service_) {
        return;
    }
    GraphOutputs out;
    action(out);
    for (const call::RtpPort port : out.closed) {
        rtp_.close(port);
    }
    for (const lab::meta::Note& note : out.notes) {
        print_note(note);
    }
    for (const GraphOutputs::Webhook& webhook : out.webhooks) {
        webhooks_.insert(webhooks_.end(), options_.graph.twice ? 2 : 1, webhook);
    }
    send_next_webhook();
}

}  // namespace patchbay::app
