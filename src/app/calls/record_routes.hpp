// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/files/file_download.hpp"
#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "store/disk_thread.hpp"
#include "store/file_jail.hpp"
#include "store/record_store.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace patchbay::app {

struct RecordSources {
    store::RecordStore& records;
    store::DiskThread& disk;
    store::DiskThread& slow;                            // for what takes the processor
    std::shared_ptr<const store::FileJail> recordings;  // shared with the files being sent
    std::shared_ptr<const store::FileJail> dumps;       // null: no events are kept
};

// GET /api/records?limit=&offset=, /api/records/{id}, and /api/records/{id}/recording (?number=1:
// the second of them), of which a part may be asked for (RFC 9110 14).
void add_record_routes(net::HttpServer& server, net::Shard& shard, RecordSources sources);

// The bytes of a file that a Range field asks for: one range, "bytes=0-99", "bytes=100-" or
// "bytes=-50". Malformed: not of that form, to be ignored. OutOfRange: nothing of the file is in
// it.
Result<ByteRange> parse_range(std::string_view field, std::uint64_t size);

}  // namespace patchbay::app
