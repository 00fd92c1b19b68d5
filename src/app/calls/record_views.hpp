// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/calls/record_routes.hpp"

namespace patchbay::app {

// What a person who looks at a call wants besides its record:
//
//   GET /api/records/{id}/events        the events and commands, one JSON object a line, oldest
//                                       first; `id` may be the id of a call in progress as well
//   GET /api/records/{id}/peaks?count=  how loud each piece of the recording is, for a picture
void add_record_views(net::HttpServer& server, net::Shard& shard, RecordSources sources);

}  // namespace patchbay::app
