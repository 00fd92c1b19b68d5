// SPDX-License-Identifier: Apache-2.0
#include "speech/asr/deepgram_recognizer.hpp"

#include "speech/provider_text.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <utility>

namespace patchbay::speech {
namespace {

constexpr std::string_view kEndpoint = "wss://api.deepgram.com/v1/listen";

struct Word {
    double start = 0;  // seconds
    double end = 0;
};
BOOST_DESCRIBE_STRUCT(Word, (), (start, end))

struct Alternative {
    std::string transcript;
    std::optional<double> confidence;
    std::vector<Word> words;
};
BOOST_DESCRIBE_STRUCT(Alternative, (), (transcript, confidence, words))

struct Channel {
    std::vector<Alternative> alternatives;
};
BOOST_DESCRIBE_STRUCT(Channel, (), (alternatives))

struct Metadata {
    static constexpr wire::Case kWireCase = wire::Case::Snake;
    std::optional<std::string> request_id;
};
BOOST_DESCRIBE_STRUCT(Metadata, (), (request_id))

struct Kind {
    std::string type;
};
BOOST_DESCRIBE_STRUCT(Kind, (), (type))

struct Results {
    static constexpr wire::Case kWireCase = wire::Case::Snake;
    double start = 0;  // seconds
    double duration = 0;
    std::optional<bool> is_final;
    std::optional<bool> speech_final;
    Channel channel;
    std::optional<Metadata> metadata;
};
BOOST_DESCRIBE_STRUCT(Results, (), (start, duration, is_final, speech_final, channel, metadata))

struct Complaint {
    std::optional<std::string> description;
    std::optional<std::string> message;
};
BOOST_DESCRIBE_STRUCT(Complaint, (), (description, message))

Nanoseconds from_seconds(double value) {
    constexpr double kMost = 1e6;  // eleven days
    return value >= 0 && value < kMost ? Nanoseconds(static_cast<std::int64_t>(value * 1e9))
                                       : Nanoseconds(0);
}

class DeepgramRecognizer final : public RecognizerProtocol {
  public:
    explicit DeepgramRecognizer(RecognitionRequest request) : request_(std::move(request)) {}

    Milliseconds message_time() const override { return Milliseconds(40); }

    SocketTarget connect(WallTime, Random&) override {
        joined_ = {};
        Query query{{"model", request_.model.empty() ? "nova-3" : request_.model},
                    {"encoding", "linear16"},
                    {"sample_rate", std::to_string(request_.sample_rate)},
                    {"channels", "1"},
                    {"interim_results", "true"},
                    {"endpointing", "300"},
                    {"smart_format", "true"}};
        if (!request_.language.empty() && request_.language != "auto") {
            query["language"] = request_.language;
        }
        for (const auto& [name, value] : request_.extra) {
            query[name] = value;
        }
        const std::string_view base =
            request_.endpoint.empty() ? kEndpoint : std::string_view(request_.endpoint);
        return {with_query(base, escaped_query(query)),
                {{"Authorization", "Token " + request_.secret_key.reveal()}}};
    }

    void handle_opened(RecognizerOutputs& out) override { out.emplace_back(RecognizerReady{}); }

    void handle_text(std::string_view text, RecognizerOutputs& out) override {
        const auto kind = wire::decode_document<Kind>(text);
        if (!kind) {
            not_understood(kind.error(), out);
        } else if (kind->type == "Results") {
            results(text, out);
        } else if (kind->type == "UtteranceEnd") {
            flush(out);
        } else if (kind->type == "Metadata") {
            flush(out);
            out.emplace_back(RecognizerDone{});
        } else if (kind->type == "Error") {
            const auto complaint = wire::decode_document<Complaint>(text);
            const Complaint said = complaint.value_or(Complaint{});
            out.emplace_back(RecognizerComplaint{
                .why = said.description.value_or(said.message.value_or("error")), .code = 502});
        }
    }

    void handle_closed(RecognizerOutputs& out) override { flush(out); }
    std::string end_message() const override { return wire::encode(Kind{"CloseStream"}); }
    std::string keep_alive_message() const override { return wire::encode(Kind{"KeepAlive"}); }

  private:
    static void not_understood(const wire::DecodeError& error, RecognizerOutputs& out) {
        out.emplace_back(
            RecognizerComplaint{.why = "not understood: " + wire::describe(error), .code = 502});
    }

    void results(std::string_view text, RecognizerOutputs& out) {
        const auto results = wire::decode_document<Results>(text);
        if (!results) {
            return not_understood(results.error(), out);
        }
        Transcript segment = transcript_of(*results);
        if (!results->is_final.value_or(false)) {
            if (!segment.text.empty()) {
                out.emplace_back(joined_with(segment));
            }
            return;
        }
        if (!segment.text.empty()) {
            joined_ = joined_with(segment);
        }
        // The last segment of an utterance is often empty; what came before counts.
        if (results->speech_final.value_or(false)) {
            flush(out);
        } else if (!segment.text.empty()) {
            out.emplace_back(joined_);
        }
    }

    static Transcript transcript_of(const Results& results) {
        Transcript segment;
        segment.begin = from_seconds(results.start);
        segment.end = from_seconds(results.start + results.duration);
        if (results.metadata) {
            segment.task_id = results.metadata->request_id.value_or("");
        }
        if (results.channel.alternatives.empty()) {
            return segment;
        }
        const Alternative& best = results.channel.alternatives.front();
        segment.text = best.transcript;
        segment.confidence = best.confidence;
        if (!best.words.empty()) {
            segment.begin = from_seconds(best.words.front().start);
            segment.end = from_seconds(best.words.back().end);
        }
        return segment;
    }

    Transcript joined_with(Transcript segment) const {
        if (!joined_.text.empty()) {
            segment.text = joined_.text + " " + segment.text;
            segment.begin = joined_.begin;
        }
        return segment;
    }

    void flush(RecognizerOutputs& out) {
        if (!joined_.text.empty()) {
            joined_.final = true;
            out.emplace_back(std::exchange(joined_, {}));
        }
    }

    RecognitionRequest request_;
    Transcript joined_;  // the final segments of the sentence in progress
};

}  // namespace

std::unique_ptr<RecognizerProtocol> make_deepgram_recognizer(const RecognitionRequest& request) {
    return std::make_unique<DeepgramRecognizer>(request);
}

}  // namespace patchbay::speech
