// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/socket_server.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::test {

// A service of voice detection as docs/speech.md describes it, that hears a voice from
// `voice_begin` to `voice_end` of each connection's audio, whatever it is sent: nobody else would.
// It checks what it is sent, and misbehaves as it is told.
class VoiceServiceDouble : public SocketServer {
  public:
    enum class Fault {
        None,
        Refuse,   // HTTP 503 in place of an upgrade
        Forbid,   // HTTP 401
        Error,    // a final complaint after a second of audio
        Garbage,  // what is no message in place of all the right ones
        Cut,      // the connection breaks after 400 ms of audio
        Slow,     // every answer comes a second later
        Mute,     // nothing is ever answered
    };
    struct Connection {
        SocketRequest request;
        std::vector<std::string> texts;
        std::size_t audio = 0;  // bytes
        bool closed = false;
    };

    int rate = 16000;
    Fault fault = Fault::None;
    int faulty_connections = 1'000'000;  // the first ones that misbehave
    bool verdicts = false;               // "speech" in place of "probability"
    Milliseconds voice_begin{1000};
    Milliseconds voice_end{2000};
    std::vector<std::unique_ptr<Connection>> connections;
    std::vector<std::string> complaints;

    std::variant<std::unique_ptr<SocketPeer>, int> accept(const SocketRequest& request) override {
        auto& connection = connections.emplace_back(std::make_unique<Connection>());
        connection->request = request;
        const Fault now = current();
        if (now == Fault::Refuse || now == Fault::Forbid) {
            return now == Fault::Refuse ? 503 : 401;
        }
        return std::make_unique<Peer>(*this, *connection, now);
    }

  private:
    // Judges in windows of 40 ms.
    class Peer final : public SocketPeer {
      public:
        Peer(VoiceServiceDouble& service, Connection& connection, Fault fault)
            : service_(service), connection_(connection), fault_(fault) {}

        void text(Instant, std::string_view message, SocketReplies&) override {
            connection_.texts.emplace_back(message);
        }
        void binary(Instant, ByteView message, SocketReplies& out) override {
            if (connection_.texts.empty()) {
                service_.complaints.emplace_back("audio before its start message");
            }
            const Milliseconds before = service_.spoken(connection_.audio);
            connection_.audio += message.size();
            const Milliseconds after = service_.spoken(connection_.audio);
            const auto passed = [&](Milliseconds at) { return before < at && after >= at; };
            if (fault_ == Fault::Cut && passed(Milliseconds(400))) {
                out.push_back({SocketCut{}});
            } else if (fault_ == Fault::Error && passed(Milliseconds(1000))) {
                out.push_back({std::string(R"({"type":"error","message":"no licence"})")});
            }
            while (judged_ + kWindow <= after) {
                judged_ += kWindow;
                answer(out);
            }
        }
        void closed(Instant) override { connection_.closed = true; }

      private:
        static constexpr Milliseconds kWindow{40};

        void answer(SocketReplies& out) const {
            if (fault_ == Fault::Mute) {
                return;
            }
            if (fault_ == Fault::Garbage) {
                out.push_back({std::string("}{ no message")});
                return;
            }
            const bool voice = judged_ > service_.voice_begin && judged_ <= service_.voice_end;
            const std::string judgement =
                service_.verdicts ? std::string(R"("speech":)") + (voice ? "true" : "false")
                                  : std::string(R"("probability":)") + (voice ? "0.9" : "0.1");
            out.push_back({R"({"type":"voice","end":)" + std::to_string(judged_.count()) + "," +
                               judgement + "}",
                           fault_ == Fault::Slow ? Nanoseconds(Seconds(1)) : Nanoseconds(0)});
        }

        VoiceServiceDouble& service_;
        Connection& connection_;
        Fault fault_;
        Milliseconds judged_{0};
    };

    Fault current() const {
        return static_cast<int>(connections.size()) <= faulty_connections ? fault : Fault::None;
    }
    Milliseconds spoken(std::size_t bytes) const {
        return Milliseconds(bytes * 1000 / (static_cast<std::size_t>(rate) * 2));
    }
};

}  // namespace patchbay::test
