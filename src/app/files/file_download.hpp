// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/responder.hpp"
#include "net/shard.hpp"
#include "store/descriptor.hpp"
#include "store/disk_thread.hpp"

#include <cstdint>

namespace patchbay::app {

// Bytes of a file.
struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t end = 0;  // one beyond the last

    friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

// Answers with the head and then the range of the file, a piece at a time: the disk thread reads,
// the shard sends, and a slow client is waited for. On the shard.
void send_file(net::Shard& shard,
               store::DiskThread& disk,
               store::Descriptor file,
               ByteRange range,
               net::HttpResponse head,
               net::Responder responder);

}  // namespace patchbay::app
