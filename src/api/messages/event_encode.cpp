// SPDX-License-Identifier: Apache-2.0
#include "api/messages/event_description.hpp"
#include "api/messages/event_json.hpp"
#include "wire/encode.hpp"

namespace patchbay::api {

std::string encode_event(const call::Event& event) {
    return wire::encode_tagged("event", event);
}

}  // namespace patchbay::api
