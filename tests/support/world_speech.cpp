// SPDX-License-Identifier: Apache-2.0
// The WebSocket servers of the world that play themselves, and its embedded recognizer.
#include "base/overloaded.hpp"
#include "call/socket_closure.hpp"
#include "speech/asr/recognizer_feed.hpp"
#include "support/world.hpp"

#include <string_view>
#include <utility>

namespace patchbay::test {
namespace {

constexpr Milliseconds kOneWay{10};

Error refusal_of(int status) {
    const bool final = status >= 400 && status < 500;
    return {final ? Errc::Unauthorized : Errc::Unavailable, call::kHttpStatus, status};
}

}  // namespace

void World::send_text_from_socket(call::SocketId socket, std::string_view text) {
    exchange_.socket_text(now(), socket, text, effects_);
    perform_effects();
}

void World::add_socket_server(const std::string& url, SocketServer& server) {
    socket_servers_[url] = &server;
}

World::SocketUse* World::socket_use(call::SocketId socket) {
    for (SocketUse& use : sockets_) {
        if (use.id == socket) {
            return &use;
        }
    }
    return nullptr;
}

void World::use_socket(const call::OpenSocket& request) {
    sockets_.push_back({.id = request.socket,
                        .url = request.url,
                        .fields = request.fields,
                        .trusted = request.trusted,
                        .received = {},
                        .texts = {}});
    for (const auto& [url, server] : socket_servers_) {
        if (!request.url.starts_with(url)) {
            continue;
        }
        later_.push_back({now() + 2 * kOneWay, [this, server, request] {
                              auto answer = server->accept({request.url, request.fields, now()});
                              if (const int* status = std::get_if<int>(&answer)) {
                                  close_socket(request.socket, {.error = refusal_of(*status)});
                                  return;
                              }
                              auto& peer = socket_peers_[request.socket];
                              peer = std::get<0>(std::move(answer));
                              open_socket(request.socket);
                              SocketReplies replies;
                              peer->opened(now(), replies);
                              answer_from(request.socket, std::move(replies));
                          }});
        return;
    }
}

void World::use_socket(call::SendToSocket& message) {
    if (const auto peer = socket_peers_.find(message.socket); peer != socket_peers_.end()) {
        SocketReplies replies;
        peer->second->binary(now(), message.bytes, replies);
        answer_from(message.socket, std::move(replies));
    }
    if (SocketUse* use = socket_use(message.socket)) {
        use->received.push_back(std::move(message.bytes));
    }
}

void World::use_socket(call::SendTextToSocket& message) {
    if (const auto peer = socket_peers_.find(message.socket); peer != socket_peers_.end()) {
        SocketReplies replies;
        peer->second->text(now(), message.text, replies);
        answer_from(message.socket, std::move(replies));
    }
    if (SocketUse* use = socket_use(message.socket)) {
        use->texts.push_back(std::move(message.text));
    }
}

void World::use_socket(const call::CloseSocket& request) {
    if (auto peer = socket_peers_.extract(request.socket)) {
        peer.mapped()->closed(now());
    }
    if (SocketUse* use = socket_use(request.socket)) {
        use->closed = true;
    }
}

// Nothing is heard any more of a connection that either side has closed.
void World::answer_from(call::SocketId socket, SocketReplies replies) {
    for (SocketReply& reply : replies) {
        later_.push_back(
            {now() + 2 * kOneWay + reply.after, [this, socket, what = std::move(reply.what)] {
                 if (!socket_peers_.contains(socket)) {
                     return;
                 }
                 std::visit(
                     Overloaded{
                         [&](const std::string& text) { send_text_from_socket(socket, text); },
                         [&](const Bytes& bytes) { send_from_socket(socket, bytes); },
                         [&](const SocketClose& close) {
                             socket_peers_.erase(socket);
                             close_socket(socket, {.error = std::nullopt,
                                                   .code = close.code,
                                                   .reason = close.reason});
                         },
                         [&](const SocketCut&) {
                             socket_peers_.erase(socket);
                             close_socket(socket, {.error = Error{Errc::Closed, "connection lost"},
                                                   .code = 1006,
                                                   .reason = {}});
                         },
                     },
                     what);
             }});
    }
}

void World::open_recognizer(const call::OpenRecognizer& request) {
    class Feed final : public speech::RecognizerFeed {
      public:
        Feed(World& world, call::SessionKey session, std::unique_ptr<EmbeddedRecognizer> recognizer)
            : world_(world), session_(session), recognizer_(std::move(recognizer)) {}

        // The answer comes after the step in which the frame was heard.
        void write(const media::Frame& frame) override {
            for (const speech::Transcript& transcript : recognizer_->write(frame)) {
                world_.later_.push_back(
                    {world_.now(), [world = &world_, session = session_, transcript] {
                         world->exchange_.transcribed(world->now(), session, transcript,
                                                      world->effects_);
                         world->perform_effects();
                     }});
            }
        }

      private:
        World& world_;
        call::SessionKey session_;
        std::unique_ptr<EmbeddedRecognizer> recognizer_;
    };
    if (!recognizer_) {
        exchange_.recognizer_failed(now(), request.session, {Errc::Unavailable, "asr"}, effects_);
        return;
    }
    exchange_.recognizer_opened(
        now(), request.session,
        std::make_unique<Feed>(*this, request.session, recognizer_(request.request)), effects_);
}

}  // namespace patchbay::test
