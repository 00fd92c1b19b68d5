// SPDX-License-Identifier: Apache-2.0
#include "api/messages/event_description.hpp"
#include "api/messages/event_json.hpp"
#include "wire/encode.hpp"

#include <array>
#include <utility>

namespace patchbay::api {

BOOST_DESCRIBE_STRUCT(EventEnvelope, (), (sequence, resume_token))

}  // namespace patchbay::api

namespace patchbay::wire {

template <>
struct Spelling<api::EventEnvelope> {
    static constexpr std::array kWireNames{Rename{"sequence", "seq"}};
};

}  // namespace patchbay::wire

namespace patchbay::api {

std::string encode_event(const call::Event& event) {
    return wire::encode_tagged("event", event);
}

std::string encode_event(const call::Event& event, const EventEnvelope& envelope) {
    std::string text = encode_event(event);
    const std::string more = wire::encode(envelope);
    constexpr std::string_view kEmpty = "{}";
    if (more != kEmpty) {
        text.back() = ',';
        text.append(more, 1);
    }
    return text;
}

}  // namespace patchbay::api
