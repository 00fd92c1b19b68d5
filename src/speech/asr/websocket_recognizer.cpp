// SPDX-License-Identifier: Apache-2.0
#include "speech/asr/websocket_recognizer.hpp"

#include "speech/own_service.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <utility>

namespace patchbay::speech {
namespace {

struct Start {
    std::string type = "start";
    std::string encoding = "s16le";
    int sample_rate = 0;
    int channels = 1;
    std::optional<std::string> language;
    std::optional<std::string> model;
    std::optional<std::string> app_id;
    ProviderParameters extra;
};
BOOST_DESCRIBE_STRUCT(Start,
                      (),
                      (type, encoding, sample_rate, channels, language, model, app_id, extra))

struct Message {
    std::string type;
    std::optional<std::string> text;
    std::optional<double> start;  // milliseconds from the first sample
    std::optional<double> end;
    std::optional<double> confidence;
    std::optional<std::string> message;
    std::optional<int> code;
    std::optional<bool> retry;
};
BOOST_DESCRIBE_STRUCT(Message, (), (type, text, start, end, confidence, message, code, retry))

std::optional<std::string> given(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<Nanoseconds> from_milliseconds(std::optional<double> value) {
    constexpr double kMost = 1e9;  // eleven days
    if (!value || !(*value >= 0 && *value < kMost)) {
        return std::nullopt;
    }
    return Nanoseconds(static_cast<std::int64_t>(*value * 1e6));
}

class WebSocketRecognizer final : public RecognizerProtocol {
  public:
    explicit WebSocketRecognizer(RecognitionRequest request) : request_(std::move(request)) {}

    Milliseconds message_time() const override { return Milliseconds(20); }

    SocketTarget connect(WallTime, Random&) override {
        return own_service(request_.endpoint, request_.secret_id, request_.secret_key);
    }

    void handle_opened(RecognizerOutputs& out) override {
        Start start;
        start.sample_rate = request_.sample_rate;
        start.language = given(request_.language);
        start.model = given(request_.model);
        start.app_id = given(request_.app_id);
        start.extra = request_.extra;
        out.emplace_back(RecognizerReply{wire::encode(start)});
        out.emplace_back(RecognizerReady{});
    }

    void handle_text(std::string_view text, RecognizerOutputs& out) override {
        const auto message = wire::decode_document<Message>(text);
        if (!message) {
            out.emplace_back(RecognizerComplaint{
                .why = "not understood: " + wire::describe(message.error()), .code = 502});
        } else if (message->type == "partial" || message->type == "final") {
            out.emplace_back(Transcript{.final = message->type == "final",
                                        .text = message->text.value_or(""),
                                        .begin = from_milliseconds(message->start),
                                        .end = from_milliseconds(message->end),
                                        .confidence = message->confidence,
                                        .task_id = {}});
        } else if (message->type == "error") {
            using Weight = RecognizerComplaint::Weight;
            out.emplace_back(RecognizerComplaint{
                .weight = message->retry.value_or(false) ? Weight::Retry : Weight::Final,
                .why = message->message.value_or("error"),
                .code = message->code.value_or(500)});
        } else if (message->type == "done") {
            out.emplace_back(RecognizerDone{});
        }
    }

    std::string end_message() const override { return own_service_end(); }

  private:
    RecognitionRequest request_;
};

}  // namespace

std::unique_ptr<RecognizerProtocol> make_websocket_recognizer(const RecognitionRequest& request) {
    return std::make_unique<WebSocketRecognizer>(request);
}

}  // namespace patchbay::speech
