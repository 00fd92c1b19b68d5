// SPDX-License-Identifier: Apache-2.0
#include "api/messages/event_description.hpp"
#include "api/messages/event_json.hpp"
#include "wire/decode.hpp"

namespace patchbay::api {

wire::Decoded<call::Event> decode_event(std::string_view json) {
    PB_TRY(const boost::json::value document, wire::parse_json(json));
    return wire::decode_tagged<call::Event>(document, "event");
}

}  // namespace patchbay::api
