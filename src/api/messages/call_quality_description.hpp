// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages/call_quality.hpp"
#include "wire/spelling.hpp"

#include <boost/describe/class.hpp>

#include <array>

namespace patchbay::api {

BOOST_DESCRIBE_STRUCT(
    RecordedQuality,
    (),
    (codec, packets_sent, packets_received, packets_lost, loss_percent, jitter, round_trip, mos))
BOOST_DESCRIBE_STRUCT(MeasuredCall, (), (id, main_call_id, partner, quality))
BOOST_DESCRIBE_STRUCT(CallQualityList, (), (calls))

}  // namespace patchbay::api

namespace patchbay::wire {

template <>
struct Spelling<api::RecordedQuality> {
    static constexpr std::array kWireNames{Rename{"jitter", "jitterMs"},
                                           Rename{"round_trip", "roundTripMs"}};
};

template <>
struct Spelling<api::CallQualityList> {
    static constexpr std::array<std::string_view, 1> kWireAlways{"calls"};
};

}  // namespace patchbay::wire
