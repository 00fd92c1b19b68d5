// SPDX-License-Identifier: Apache-2.0
#include "call/recognition_plan.hpp"

#include "call/speech_fields.hpp"

namespace patchbay::call {
namespace {

std::vector<SpeechField> fields_of(const TranscriptionOption& option,
                                   const speech::RecognitionRequest& request) {
    const auto has = [](const auto& secret) { return !secret.reveal().empty(); };
    return {{"language", option.language.has_value(), !request.language.empty()},
            {"appId", option.app_id.has_value(), !request.app_id.empty()},
            {"secretId", option.secret_id.has_value(), has(request.secret_id)},
            {"secretKey", option.secret_key.has_value(), has(request.secret_key)},
            {"modelType", option.model_type.has_value(), !request.model.empty()},
            {"bufferSize", option.buffer_size.has_value(), request.message_bytes.has_value()},
            {"samplerate", option.samplerate.has_value(), true},
            {"endpoint", option.endpoint.has_value(), !request.endpoint.empty()},
            {"extra", !option.extra.empty(), !request.extra.empty()}};
}

speech::RecognitionRequest request_of(const TranscriptionOption& option,
                                      const SpeechAccount& account) {
    return {.language = option.language.value_or(""),
            .model = option.model_type.value_or(""),
            .app_id = option.app_id.value_or(account.app_id),
            .secret_id = option.secret_id.value_or(account.secret_id),
            .secret_key = option.secret_key.value_or(account.secret_key),
            .endpoint = option.endpoint.value_or(account.endpoint),
            .extra = option.extra,
            .sample_rate = option.samplerate.value(),
            .message_bytes = option.buffer_size};
}

}  // namespace

Expected<RecognitionPlan, std::string> plan_recognition(const TranscriptionOption& option,
                                                        std::string_view default_provider,
                                                        const SpeechAccounts& accounts) {
    return plan_speech<RecognitionPlan>(option, default_provider, accounts, speech::find_recognizer,
                                        request_of, fields_of);
}

}  // namespace patchbay::call
