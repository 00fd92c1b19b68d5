// SPDX-License-Identifier: Apache-2.0
#include "speech/asr/tencent_recognizer.hpp"

#include "base/text.hpp"
#include "speech/provider_text.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <algorithm>
#include <utility>

namespace patchbay::speech {
namespace {

constexpr std::string_view kEndpoint = "wss://asr.cloud.tencent.com/asr/v2/";
constexpr std::int64_t kSignatureSeconds = 86'400;
constexpr std::uint32_t kNonceBound = 1'000'000'000;

struct Slice {
    static constexpr wire::Case kWireCase = wire::Case::Snake;
    int slice_type = 0;           // 0: a sentence begins, 1: it goes on, 2: it is final
    std::int64_t start_time = 0;  // milliseconds
    std::int64_t end_time = 0;
    std::string voice_text_str;
};
BOOST_DESCRIBE_STRUCT(Slice, (), (slice_type, start_time, end_time, voice_text_str))

struct Message {
    static constexpr wire::Case kWireCase = wire::Case::Snake;
    int code = 0;
    std::optional<std::string> message;
    std::optional<std::string> voice_id;
    std::optional<int> final;
    std::optional<Slice> result;
};
BOOST_DESCRIBE_STRUCT(Message, (), (code, message, voice_id, final, result))

struct End {
    std::string type = "end";
};
BOOST_DESCRIBE_STRUCT(End, (), (type))

// Their numbers as HTTP says it, and whether another attempt may go better.
RecognizerComplaint complaint(int code, const std::string& message) {
    using Weight = RecognizerComplaint::Weight;
    RecognizerComplaint out{
        .weight = Weight::Retry, .why = std::to_string(code) + " " + message, .code = 502};
    switch (code) {
        case 4002: out.code = 401; break;  // authentication
        case 4003:
        case 4004:
        case 4005: out.code = 403; break;  // not paid for
        case 4001:
        case 4007:
        case 4010:
        case 6001: out.code = 400; break;       // what we sent
        case 4006: out.code = 429; return out;  // too many at once
        case 4008: out.code = 408; return out;  // no audio came
        default: return out;
    }
    out.weight = Weight::Final;
    return out;
}

class TencentRecognizer final : public RecognizerProtocol {
  public:
    explicit TencentRecognizer(RecognitionRequest request) : request_(std::move(request)) {}

    Milliseconds message_time() const override { return Milliseconds(40); }

    SocketTarget connect(WallTime now, Random& random) override {
        ready_ = false;
        const std::int64_t seconds = now.milliseconds / 1000;
        Query query{
            {"engine_model_type", model()}, {"voice_format", "1"}, {"needvad", "1"},
            {"vad_silence_time", "700"},    {"filter_modal", "0"}, {"filter_punc", "0"},
            {"convert_num_mode", "1"},      {"word_info", "1"},    {"max_speak_time", "60000"}};
        for (const auto& [name, value] : request_.extra) {
            query[name] = value;
        }
        query["secretid"] = request_.secret_id.reveal();
        query["timestamp"] = std::to_string(seconds);
        query["expired"] = std::to_string(seconds + kSignatureSeconds);
        query["nonce"] = std::to_string(random.below(kNonceBound) + 1);
        query["voice_id"] = random.uuid();
        const std::string base = request_.endpoint.empty()
                                     ? std::string(kEndpoint) + request_.app_id
                                     : request_.endpoint;
        // Signed as it reads, sent as a URL may read: the two differ where a value has a space.
        const std::string signature = hmac_sha1_base64(
            request_.secret_key.reveal(), with_query(without_scheme(base), plain_query(query)));
        return {with_query(base, escaped_query(query)) + "&signature=" + percent_encode(signature),
                {}};
    }

    void handle_opened(RecognizerOutputs& /*out*/) override {}  // its first message decides

    void handle_text(std::string_view text, RecognizerOutputs& out) override {
        const auto message = wire::decode_document<Message>(text);
        if (!message) {
            out.emplace_back(RecognizerComplaint{
                .why = "not understood: " + wire::describe(message.error()), .code = 502});
            return;
        }
        if (message->code != 0) {
            out.emplace_back(complaint(message->code, message->message.value_or("")));
            return;
        }
        if (!std::exchange(ready_, true)) {
            out.emplace_back(RecognizerReady{});
        }
        if (message->result && !message->result->voice_text_str.empty()) {
            const Slice& result = *message->result;
            out.emplace_back(Transcript{.final = result.slice_type == 2,
                                        .text = result.voice_text_str,
                                        .begin = Milliseconds(result.start_time),
                                        .end = Milliseconds(result.end_time),
                                        .confidence = std::nullopt,
                                        .task_id = message->voice_id.value_or("")});
        }
        if (message->final.value_or(0) == 1) {
            out.emplace_back(RecognizerDone{});
        }
    }

    std::string end_message() const override { return wire::encode(End{}); }

  private:
    // The language chooses among the common models where no model is named.
    std::string model() const {
        if (!request_.model.empty()) {
            return request_.model;
        }
        const std::string rate = request_.sample_rate == 8000 ? "8k" : "16k";
        if (starts_with_ignoring_case(request_.language, "en")) {
            return rate + "_en";
        }
        if (starts_with_ignoring_case(request_.language, "zh") || rate == "8k") {
            return rate + "_zh";
        }
        return "16k_zh_en";
    }

    RecognitionRequest request_;
    bool ready_ = false;
};

}  // namespace

std::unique_ptr<RecognizerProtocol> make_tencent_recognizer(const RecognitionRequest& request) {
    return std::make_unique<TencentRecognizer>(request);
}

}  // namespace patchbay::speech
