// SPDX-License-Identifier: Apache-2.0
#include "call/route_query.hpp"

#include "sip/header.hpp"
#include "sip/steering.hpp"
#include "sip/uri.hpp"

namespace patchbay::call {

Result<RouteQuery> query_of(const sip::Message& invite) {
    PB_TRY(const sip::Uri callee, sip::Uri::parse(invite.request_uri()));
    PB_TRY(const sip::From from, invite.get<sip::From>());
    PB_TRY(const sip::To to, invite.get<sip::To>());
    RouteQuery query{.direction = CallDirection::Incoming,
                     .callee = callee.decoded_user(),
                     .caller = from.uri.decoded_user(),
                     .host = {},
                     .trunk = {},
                     .user = {}};
    if (sip::marked_shard(query.callee)) {
        query.callee = to.uri.decoded_user();
    }
    return query;
}

}  // namespace patchbay::call
