// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/socket_server.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace patchbay::test {

// A provider of recognition that hears the same in everything: with each second of audio
// "one", "one two", and with each third one the sentence "one two three". It checks what it is
// sent as strictly as the real one, and misbehaves as it is told. What is particular to a provider
// stands in provider_doubles.hpp.
class RecognizerDouble : public SocketServer {
  public:
    enum class Fault {
        None,
        Refuse,   // HTTP `status` in place of an upgrade
        Error,    // an error message of the provider's own, after a second of audio
        Garbage,  // what is no message, beside the right ones
        Cut,      // the connection breaks after a second and a half of audio
        Slow,     // every answer comes `delay` later
        Mute,     // nothing is ever answered
    };
    struct Behaviour {
        Fault fault = Fault::None;
        int status = 503;
        Nanoseconds delay = Seconds(1);
        int connections = 1'000'000;  // the first ones that behave so
    };
    // What came by one connection.
    struct Connection {
        SocketRequest request;
        std::vector<std::string> texts;
        std::vector<std::size_t> messages;  // sizes of audio
        std::size_t audio = 0;              // bytes
        std::optional<Instant> first_audio;
        Nanoseconds ahead{0};             // by which audio came faster than it is spoken, at most
        bool started = false;             // may audio be sent
        Instant text_at;                  // of the last text
        std::optional<Instant> ready_at;  // where the provider takes time to start
        bool closed = false;
    };

    explicit RecognizerDouble(int rate = 16000) : rate_(rate) {}

    Behaviour behaviour;
    std::vector<std::unique_ptr<Connection>> connections;
    std::vector<std::string> complaints;  // about what the client did wrong

    std::variant<std::unique_ptr<SocketPeer>, int> accept(const SocketRequest& request) override {
        auto& connection = connections.emplace_back(std::make_unique<Connection>());
        connection->request = request;
        if (const int status = judge(request); status != 101) {
            return status;
        }
        if (fault() == Fault::Refuse) {
            return behaviour.status;
        }
        return std::make_unique<Peer>(*this, *connection);
    }

  protected:
    // The status that a request deserves; notes what is wrong with it.
    virtual int judge(const SocketRequest& request) = 0;
    virtual void opened(Connection& connection, SocketReplies& out) = 0;
    virtual void text(Connection& connection, std::string_view message, SocketReplies& out) = 0;
    virtual std::string heard(Connection& connection,
                              bool final,
                              const std::string& words,
                              Milliseconds begin,
                              Milliseconds end) = 0;
    virtual SocketReplies error(Connection& connection) = 0;

    Fault fault() const {
        return static_cast<int>(connections.size()) <= behaviour.connections ? behaviour.fault
                                                                             : Fault::None;
    }
    void complain(const std::string& what) { complaints.push_back(what); }
    static void say(SocketReplies& out, std::string text) { out.push_back({std::move(text)}); }

  private:
    class Peer final : public SocketPeer {
      public:
        Peer(RecognizerDouble& server, Connection& connection)
            : server_(server), connection_(connection), fault_(server.fault()) {}

        void opened(Instant, SocketReplies& out) override {
            SocketReplies replies;
            server_.opened(connection_, replies);
            pass(std::move(replies), out);
        }
        void text(Instant now, std::string_view message, SocketReplies& out) override {
            connection_.texts.emplace_back(message);
            connection_.text_at = now;
            SocketReplies replies;
            server_.text(connection_, message, replies);
            pass(std::move(replies), out);
        }
        void binary(Instant now, ByteView message, SocketReplies& out) override {
            SocketReplies replies;
            server_.hear(connection_, now, message.size(), fault_, replies);
            pass(std::move(replies), out);
        }
        void closed(Instant) override { connection_.closed = true; }

      private:
        void pass(SocketReplies replies, SocketReplies& out) const {
            if (fault_ == Fault::Mute) {
                return;
            }
            for (SocketReply& reply : replies) {
                if (fault_ == Fault::Slow) {
                    reply.after += server_.behaviour.delay;
                }
                out.push_back(std::move(reply));
            }
        }

        RecognizerDouble& server_;
        Connection& connection_;
        Fault fault_;
    };

    Milliseconds spoken(std::size_t bytes) const {
        return Milliseconds(bytes * 1000 / (static_cast<std::size_t>(rate_) * 2));
    }

    void hear(Connection& one, Instant now, std::size_t size, Fault fault, SocketReplies& out) {
        if (!one.started || (one.ready_at && now < *one.ready_at)) {
            complain("audio before its time");
        }
        if (size % 2 != 0) {
            complain("half a sample");
        }
        one.first_audio = one.first_audio.value_or(now);
        const Milliseconds before = spoken(one.audio);
        one.audio += size;
        one.messages.push_back(size);
        const Milliseconds after = spoken(one.audio);
        one.ahead = std::max(one.ahead, after - (now - *one.first_audio));
        const auto passed = [&](Milliseconds at) { return before < at && after >= at; };
        if (fault == Fault::Cut && passed(Milliseconds(1500))) {
            out.push_back({SocketCut{}});
            return;
        }
        if (before.count() / 1000 == after.count() / 1000) {
            return;
        }
        if (fault == Fault::Garbage) {
            say(out, "}{ no message");
            say(out, R"({"type":17,"code":"x","header":5})");
        }
        if (fault == Fault::Error && after < Milliseconds(2000)) {
            for (SocketReply& reply : error(one)) {
                out.push_back(std::move(reply));
            }
            return;
        }
        constexpr const char* kWords[] = {"one", "one two", "one two three"};
        const auto second = after.count() / 1000 - 1;
        const Milliseconds begin{second / 3 * 3000 + 100};
        say(out, heard(one, second % 3 == 2, kWords[second % 3], begin,
                       Milliseconds((second + 1) * 1000 - 100)));
    }

    int rate_;
};

}  // namespace patchbay::test
