// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "speech/asr/recognition.hpp"
#include "speech/socket_target.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::speech {

// What a message of the provider means.
struct RecognizerReady {};  // audio may be sent from now on
struct RecognizerDone {};   // everything has been told that was asked for
// The provider is not content. Note: one message was not understood, the rest goes on. Retry:
// this connection is over, another may do better. Final: another would not.
struct RecognizerComplaint {
    enum class Weight { Note, Retry, Final };
    Weight weight = Weight::Note;
    std::string why;
    int code = 500;
};
struct RecognizerReply {
    std::string text;  // to be sent
};
using RecognizerOutput =
    std::variant<RecognizerReady, RecognizerDone, RecognizerComplaint, RecognizerReply, Transcript>;
using RecognizerOutputs = std::vector<RecognizerOutput>;

// The words of one provider, on one WebSocket connection after another. It knows neither sockets
// nor time; RecognitionStream drives it and does what all providers have in common. Times in its
// transcripts count from the first audio of the present connection.
class RecognizerProtocol {
  public:
    RecognizerProtocol() = default;
    RecognizerProtocol(const RecognizerProtocol&) = delete;
    RecognizerProtocol& operator=(const RecognizerProtocol&) = delete;
    virtual ~RecognizerProtocol() = default;

    // How long a piece of audio the provider wants in one message.
    virtual Milliseconds message_time() const = 0;
    // A new connection, signed for this moment. What the one before left unfinished is forgotten.
    virtual SocketTarget connect(WallTime now, Random& random) = 0;
    virtual void handle_opened(RecognizerOutputs& out) = 0;
    virtual void handle_text(std::string_view message, RecognizerOutputs& out) = 0;
    // The connection is gone: what is known of the sentence in progress, if that is worth telling.
    virtual void handle_closed(RecognizerOutputs& /*out*/) {}
    // Says that no more audio will come.
    virtual std::string end_message() const = 0;
    // Sent every kKeepAlive; empty: not needed.
    virtual std::string keep_alive_message() const { return {}; }
};

}  // namespace patchbay::speech
