// SPDX-License-Identifier: Apache-2.0
#include "call/destination.hpp"

#include "base/text.hpp"
#include "sip/uri.hpp"

namespace patchbay::call {

Destination decide_destination(const sip::Message& invite) {
    const auto uri = sip::Uri::parse(invite.request_uri());
    if (!uri) {
        return Refusal{400, "Bad Request"};
    }
    const std::string user = to_lower(uri->decoded_user());
    if (user == "echo") {
        return BuiltIn::Echo;
    }
    if (user == "tone") {
        return BuiltIn::Tone;
    }
    if (user == "demo") {
        return BuiltIn::Demo;
    }
    return Refusal{404, "Not Found"};
}

}  // namespace patchbay::call
