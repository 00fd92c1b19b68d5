// SPDX-License-Identifier: Apache-2.0
#include "api/messages/status.hpp"

#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

namespace patchbay::api {

BOOST_DESCRIBE_STRUCT(RegistrationHealth, (), (name, registrar, state, status, failures))
BOOST_DESCRIBE_STRUCT(TrunkHealth, (), (name, address, state, status))
BOOST_DESCRIBE_STRUCT(Health, (), (status, version, uptime, calls, shards, registrations, trunks))
BOOST_DESCRIBE_STRUCT(LogLine, (), (time, level, text))

std::string encode_body(const Health& health) {
    return wire::encode(health);
}

std::string encode_body(const LogLine& line) {
    return wire::encode(line);
}

}  // namespace patchbay::api
