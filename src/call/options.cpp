// SPDX-License-Identifier: Apache-2.0
#include "call/options.hpp"

namespace patchbay::call {
namespace {

template <class Setting>
void overlay(Setting& setting, const Setting& over) {
    if (over.has_value()) {
        setting = over;
    }
}

}  // namespace

SynthesisOption overlaid(const SynthesisOption& base, const SynthesisOption& over) {
    SynthesisOption out = base;
    overlay(out.provider, over.provider);
    overlay(out.speaker, over.speaker);
    overlay(out.volume, over.volume);
    overlay(out.speed, over.speed);
    overlay(out.samplerate, over.samplerate);
    overlay(out.app_id, over.app_id);
    overlay(out.secret_id, over.secret_id);
    overlay(out.secret_key, over.secret_key);
    overlay(out.codec, over.codec);
    overlay(out.subtitle, over.subtitle);
    overlay(out.emotion, over.emotion);
    overlay(out.language, over.language);
    overlay(out.model, over.model);
    overlay(out.session_id, over.session_id);
    overlay(out.endpoint, over.endpoint);
    overlay(out.max_concurrent_tasks, over.max_concurrent_tasks);
    for (const auto& [key, value] : over.extra) {
        out.extra.insert_or_assign(key, value);
    }
    return out;
}

}  // namespace patchbay::call
