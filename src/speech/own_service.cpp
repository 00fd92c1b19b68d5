// SPDX-License-Identifier: Apache-2.0
#include "speech/own_service.hpp"

#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

namespace patchbay::speech {
namespace {

struct End {
    std::string type = "end";
};
BOOST_DESCRIBE_STRUCT(End, (), (type))

}  // namespace

SocketTarget own_service(const std::string& endpoint,
                         const Secret<std::string>& secret_id,
                         const Secret<std::string>& secret_key) {
    SocketTarget target{endpoint, {}};
    if (const std::string& key = secret_key.reveal(); !key.empty()) {
        target.fields.emplace_back("Authorization", "Bearer " + key);
    }
    if (const std::string& id = secret_id.reveal(); !id.empty()) {
        target.fields.emplace_back("X-Secret-Id", id);
    }
    return target;
}

std::string own_service_end() {
    return wire::encode(End{});
}

}  // namespace patchbay::speech
