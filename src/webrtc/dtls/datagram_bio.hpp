// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "webrtc/dtls/openssl.hpp"

#include <vector>

namespace patchbay::webrtc {

// What OpenSSL reads from and writes to in place of a socket: one datagram in at a time, and every
// write is one datagram out. Its own memory BIO would glue datagrams together.
struct DatagramQueue {
    ByteView incoming;  // not read yet
    std::vector<Bytes> outgoing;
};

// A BIO on the queue, which must outlive it. Null when OpenSSL is out of memory.
BIO* make_datagram_bio(DatagramQueue& queue);

}  // namespace patchbay::webrtc
