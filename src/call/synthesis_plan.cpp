// SPDX-License-Identifier: Apache-2.0
#include "call/synthesis_plan.hpp"

#include "call/speech_fields.hpp"

namespace patchbay::call {
namespace {

std::vector<SpeechField> fields_of(const SynthesisOption& option,
                                   const speech::SynthesisRequest& request) {
    const auto has = [](const auto& secret) { return !secret.reveal().empty(); };
    return {{"speaker", option.speaker.has_value(), true},
            {"volume", option.volume.has_value(), true},
            {"speed", option.speed.has_value(), true},
            {"samplerate", option.samplerate.has_value(), true},
            {"appId", option.app_id.has_value(), !request.app_id.empty()},
            {"secretId", option.secret_id.has_value(), has(request.secret_id)},
            {"secretKey", option.secret_key.has_value(), has(request.secret_key)},
            {"codec", option.codec.has_value(), true},
            {"subtitle", option.subtitle.has_value(), true},
            {"emotion", option.emotion.has_value(), true},
            {"language", option.language.has_value(), true},
            {"model", option.model.has_value(), true},
            {"sessionId", option.session_id.has_value(), true},
            {"endpoint", option.endpoint.has_value(), !request.endpoint.empty()},
            {"extra", !option.extra.empty(), true},
            {"maxConcurrentTasks", option.max_concurrent_tasks.has_value(), true}};
}

speech::SynthesisRequest request_of(const SynthesisOption& option, const SpeechAccount& account) {
    return {.text = {},
            .speaker = option.speaker.value_or(account.speaker),
            .speed = option.speed.value(),
            .volume = static_cast<double>(option.volume.value()),
            .sample_rate = option.samplerate.value(),
            .app_id = option.app_id.value_or(account.app_id),
            .secret_id = option.secret_id.value_or(account.secret_id),
            .secret_key = option.secret_key.value_or(account.secret_key),
            .emotion = option.emotion.value_or(""),
            .language = option.language.value_or(""),
            .model = option.model.value_or(""),
            .session_id = option.session_id.value_or(""),
            .endpoint = option.endpoint.value_or(account.endpoint),
            .subtitle = option.subtitle.value(),
            .extra = {option.extra.begin(), option.extra.end()}};
}

}  // namespace

Expected<SynthesisPlan, std::string> plan_synthesis(const SynthesisOption& option,
                                                    std::string_view default_provider,
                                                    const SpeechAccounts& accounts) {
    return plan_speech<SynthesisPlan>(option, default_provider, accounts,
                                      speech::find_speech_provider, request_of, fields_of);
}

}  // namespace patchbay::call
