// SPDX-License-Identifier: Apache-2.0
#include "api/messages/call_quality.hpp"

#include "api/messages/call_quality_description.hpp"
#include "wire/encode.hpp"

#include <cmath>

namespace patchbay::api {
namespace {

// Three digits are more than anybody measures.
double rounded(double value) {
    return std::round(value * 1000) / 1000;
}

double milliseconds(Nanoseconds duration) {
    return rounded(std::chrono::duration<double, std::milli>(duration).count());
}

}  // namespace

RecordedQuality make_quality(const call::AudioQuality& audio) {
    RecordedQuality quality{.codec = audio.codec,
                            .packets_sent = static_cast<std::int64_t>(audio.packets_sent),
                            .packets_received = static_cast<std::int64_t>(audio.packets_received),
                            .packets_lost = audio.packets_lost,
                            .loss_percent = rounded(audio.loss_percent),
                            .jitter = milliseconds(audio.jitter),
                            .round_trip = std::nullopt,
                            .mos = rounded(audio.mos)};
    if (audio.round_trip) {
        quality.round_trip = milliseconds(*audio.round_trip);
    }
    return quality;
}

CallQualityList make_quality_list(std::span<const call::SessionSummary> calls) {
    CallQualityList list;
    for (const call::SessionSummary& call : calls) {
        if (!call.audio) {
            continue;
        }
        MeasuredCall measured{.id = call.id.value(),
                              .main_call_id = std::nullopt,
                              .partner = std::nullopt,
                              .quality = make_quality(*call.audio)};
        if (call.main_call) {
            measured.main_call_id = call.main_call->value();
        }
        if (!call.partner.value().empty()) {
            measured.partner = call.partner.value();
        }
        list.calls.push_back(std::move(measured));
    }
    return list;
}

std::string encode_body(const CallQualityList& list) {
    return wire::encode(list);
}

}  // namespace patchbay::api
