// SPDX-License-Identifier: Apache-2.0
#include "api/messages/incoming_notice.hpp"

#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <string_view>

namespace patchbay::api {

BOOST_DESCRIBE_STRUCT(IncomingNotice,
                      (),
                      (dialog_id, created_at, caller, callee, event, headers, offer))

}  // namespace patchbay::api

namespace patchbay::wire {

template <>
struct Spelling<api::IncomingNotice> {
    static constexpr std::array<std::string_view, 1> kWireAlways{"headers"};
};

}  // namespace patchbay::wire

namespace patchbay::api {

std::string encode_body(const IncomingNotice& notice) {
    return wire::encode(notice);
}

}  // namespace patchbay::api
