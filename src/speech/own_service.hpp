// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "speech/socket_target.hpp"

#include <string>

// What the services of people's own have in common, those that recognize and those that detect
// voice; docs/speech.md has their messages.
namespace patchbay::speech {

// A secret that is empty is not said.
SocketTarget own_service(const std::string& endpoint,
                         const Secret<std::string>& secret_id,
                         const Secret<std::string>& secret_key);

// Our last message: no more audio will come.
std::string own_service_end();

}  // namespace patchbay::speech
