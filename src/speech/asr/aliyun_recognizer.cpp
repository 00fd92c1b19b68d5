// SPDX-License-Identifier: Apache-2.0
#include "speech/asr/aliyun_recognizer.hpp"

#include "speech/dashscope.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <utility>

namespace patchbay::speech {
namespace {

struct Word {
    static constexpr wire::Case kWireCase = wire::Case::Snake;
    std::optional<std::int64_t> end_time;
};
BOOST_DESCRIBE_STRUCT(Word, (), (end_time))

struct Sentence {
    static constexpr wire::Case kWireCase = wire::Case::Snake;
    std::int64_t begin_time = 0;  // milliseconds
    std::optional<std::int64_t> end_time;
    std::string text;
    std::vector<Word> words;
    std::optional<bool> sentence_end;
    std::optional<bool> heartbeat;
};
BOOST_DESCRIBE_STRUCT(Sentence, (), (begin_time, end_time, text, words, sentence_end, heartbeat))

struct Output {
    std::optional<Sentence> sentence;
};
BOOST_DESCRIBE_STRUCT(Output, (), (sentence))

struct Payload {
    std::optional<Output> output;
};
BOOST_DESCRIBE_STRUCT(Payload, (), (output))

struct Message {
    std::optional<Payload> payload;
};
BOOST_DESCRIBE_STRUCT(Message, (), (payload))

class AliyunRecognizer final : public RecognizerProtocol {
  public:
    explicit AliyunRecognizer(RecognitionRequest request) : request_(std::move(request)) {}

    Milliseconds message_time() const override { return Milliseconds(100); }

    SocketTarget connect(WallTime, Random& random) override {
        task_id_ = random.uuid();
        return {request_.endpoint.empty() ? std::string(kDashScopeEndpoint) : request_.endpoint,
                {{"Authorization", "Bearer " + request_.secret_key.reveal()},
                 {"X-DashScope-DataInspection", "enable"}}};
    }

    void handle_opened(RecognizerOutputs& out) override {
        JsonObject parameters{
            {"format", JsonText::text("pcm")},
            {"sample_rate", JsonText::number(std::int64_t{request_.sample_rate})}};
        if (!request_.language.empty()) {
            parameters["language_hints"] =
                JsonText::verbatim("[" + JsonText::text(request_.language).json() + "]");
        }
        for (const auto& [name, value] : request_.extra) {
            parameters[name] = typed_parameter(value);
        }
        out.emplace_back(RecognizerReply{dashscope_message(
            "run-task", task_id_,
            {{"task_group", JsonText::text("audio")},
             {"task", JsonText::text("asr")},
             {"function", JsonText::text("recognition")},
             {"model",
              JsonText::text(request_.model.empty() ? "paraformer-realtime-v2" : request_.model)},
             {"parameters", JsonText::verbatim(wire::encode(parameters))},
             {"input", JsonText::verbatim("{}")}})});
    }

    void handle_text(std::string_view text, RecognizerOutputs& out) override {
        using Weight = RecognizerComplaint::Weight;
        const DashScopeHeader header = read_dashscope_header(text);
        if (header.event == "task-started") {
            out.emplace_back(RecognizerReady{});
        } else if (header.event == "result-generated") {
            result(text, out);
        } else if (header.event == "task-finished") {
            out.emplace_back(RecognizerDone{});
        } else if (header.event == "task-failed") {
            const bool again = dashscope_may_recover(header.error_code);
            out.emplace_back(
                RecognizerComplaint{.weight = again ? Weight::Retry : Weight::Final,
                                    .why = header.error_code + ": " + header.error_message,
                                    .code = again ? 503 : 400});
        } else if (header.event.empty()) {
            out.emplace_back(RecognizerComplaint{.why = "not understood", .code = 502});
        }
    }

    std::string end_message() const override {
        return dashscope_message("finish-task", task_id_, {{"input", JsonText::verbatim("{}")}});
    }

  private:
    static void result(std::string_view text, RecognizerOutputs& out) {
        const auto message = wire::decode_document<Message>(text);
        if (!message || !message->payload || !message->payload->output ||
            !message->payload->output->sentence) {
            out.emplace_back(RecognizerComplaint{
                .why = "not understood" + (message ? "" : ": " + wire::describe(message.error())),
                .code = 502});
            return;
        }
        const Sentence& sentence = *message->payload->output->sentence;
        if (sentence.heartbeat.value_or(false) || sentence.text.empty()) {
            return;
        }
        std::optional<std::int64_t> end = sentence.end_time;
        if (!end && !sentence.words.empty()) {
            end = sentence.words.back().end_time;
        }
        out.emplace_back(
            Transcript{.final = sentence.sentence_end.value_or(false),
                       .text = sentence.text,
                       .begin = Milliseconds(sentence.begin_time),
                       .end = end ? std::optional<Nanoseconds>(Milliseconds(*end)) : std::nullopt,
                       .confidence = std::nullopt,
                       .task_id = {}});
    }

    RecognitionRequest request_;
    std::string task_id_;
};

}  // namespace

std::unique_ptr<RecognizerProtocol> make_aliyun_recognizer(const RecognitionRequest& request) {
    return std::make_unique<AliyunRecognizer>(request);
}

}  // namespace patchbay::speech
