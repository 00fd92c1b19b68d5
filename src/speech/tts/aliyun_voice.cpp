// SPDX-License-Identifier: Apache-2.0
#include "speech/dashscope.hpp"
#include "speech/tts/socket_voices.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <algorithm>
#include <utility>

namespace patchbay::speech {
namespace {

struct Input {
    std::string text;
};
BOOST_DESCRIBE_STRUCT(Input, (), (text))

class AliyunVoice final : public SpeechProtocol {
  public:
    explicit AliyunVoice(SynthesisRequest request) : request_(std::move(request)) {}

    int sample_rate() const override { return request_.sample_rate; }
    bool sets_volume() const override { return true; }

    SpeechTarget connect(WallTime, Random& random) override {
        task_id_ = random.uuid();
        return {
            .url = request_.endpoint.empty() ? std::string(kDashScopeEndpoint) : request_.endpoint,
            .fields = {{"Authorization", "Bearer " + request_.secret_key.reveal()},
                       {"X-DashScope-DataInspection", "enable"}},
            .body = {}};
    }

    void handle_opened(SpeechOutputs& out) override {
        // Their volume is 0 to 100 with 50 as it is, their rate 0.5 to 2.
        const auto volume = static_cast<std::int64_t>(std::clamp(request_.volume, 0.0, 10.0) * 10);
        JsonObject parameters{
            {"text_type", JsonText::text("PlainText")},
            {"voice", JsonText::text(request_.speaker.empty() ? "longyumi_v2" : request_.speaker)},
            {"format", JsonText::text("pcm")},
            {"sample_rate", JsonText::number(std::int64_t{request_.sample_rate})},
            {"volume", JsonText::number(volume)},
            {"rate", JsonText::number(std::clamp(request_.speed, 0.5, 2.0))}};
        for (const auto& [name, value] : request_.extra) {
            parameters[name] = typed_parameter(value);
        }
        out.emplace_back(SpeechReply{dashscope_message(
            "run-task", task_id_,
            {{"task_group", JsonText::text("audio")},
             {"task", JsonText::text("tts")},
             {"function", JsonText::text("SpeechSynthesizer")},
             {"model", JsonText::text(request_.model.empty() ? "cosyvoice-v2" : request_.model)},
             {"parameters", JsonText::verbatim(wire::encode(parameters))},
             {"input", JsonText::verbatim("{}")}})});
    }

    void handle_text(std::string_view text, SpeechOutputs& out) override {
        const DashScopeHeader header = read_dashscope_header(text);
        if (header.event == "task-started") {
            out.emplace_back(SpeechReply{dashscope_message(
                "continue-task", task_id_,
                {{"input", JsonText::verbatim(wire::encode(Input{request_.text}))}})});
            out.emplace_back(SpeechReply{
                dashscope_message("finish-task", task_id_, {{"input", JsonText::verbatim("{}")}})});
        } else if (header.event == "task-finished") {
            out.emplace_back(SpeechDone{});
        } else if (header.event == "task-failed") {
            out.emplace_back(SpeechComplaint{header.error_code + ": " + header.error_message,
                                             dashscope_may_recover(header.error_code) ? 503 : 400});
        }
    }

  private:
    SynthesisRequest request_;
    std::string task_id_;
};

}  // namespace

std::unique_ptr<SpeechProtocol> make_aliyun_voice(const SynthesisRequest& request) {
    return std::make_unique<AliyunVoice>(request);
}

}  // namespace patchbay::speech
