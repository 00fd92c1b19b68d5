// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/summary.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace patchbay::api {

// What the network did to the call's audio, as we heard it.
struct RecordedQuality {
    std::string codec;  // "PCMU"
    std::int64_t packets_sent = 0;
    std::int64_t packets_received = 0;
    std::int64_t packets_lost = 0;
    double loss_percent = 0;
    double jitter = 0;                 // "jitterMs"
    std::optional<double> round_trip;  // "roundTripMs"
    double mos = 0;                    // E-model (ITU-T G.107), 1 to 4.5
};

// One party of a call in progress, from its beginning until now.
struct MeasuredCall {
    std::string id;
    std::optional<std::string> main_call_id;  // whose second leg it is
    std::optional<std::string> partner;       // the call of the other party
    RecordedQuality quality;
};

// GET /call/quality and /call/quality/{id}: the oldest first. Calls without audio are not in it.
struct CallQualityList {
    std::vector<MeasuredCall> calls;
};

RecordedQuality make_quality(const call::AudioQuality& audio);
// Of those that have `audio`.
CallQualityList make_quality_list(std::span<const call::SessionSummary> calls);
std::string encode_body(const CallQualityList& list);

}  // namespace patchbay::api
