// SPDX-License-Identifier: Apache-2.0
#include "api/messages/dump_line.hpp"

#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

namespace patchbay::api {

BOOST_DESCRIBE_STRUCT(DumpLine, (), (type, timestamp, content))

std::string encode_dump_line(const DumpLine& line) {
    return wire::encode(line);
}

}  // namespace patchbay::api
