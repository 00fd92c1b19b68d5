// SPDX-License-Identifier: Apache-2.0
#include "webrtc/dtls/datagram_bio.hpp"

#include "webrtc/limits.hpp"

#include <algorithm>

namespace patchbay::webrtc {
namespace {

// IPv6 and UDP headers: what a datagram has around it (RFC 8200, RFC 768).
constexpr long kOverhead = 48;

DatagramQueue& queue_of(BIO* bio) {
    return *static_cast<DatagramQueue*>(BIO_get_data(bio));
}

int write_datagram(BIO* bio, const char* bytes, int size) {
    const ByteView datagram = as_bytes({bytes, static_cast<std::size_t>(size)});
    queue_of(bio).outgoing.emplace_back(datagram.begin(), datagram.end());
    return size;
}

int read_datagram(BIO* bio, char* buffer, int size) {
    BIO_clear_retry_flags(bio);
    ByteView& incoming = queue_of(bio).incoming;
    if (incoming.empty()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    // As a socket does: what the reader has no room for is gone.
    const std::size_t taken = std::min(incoming.size(), static_cast<std::size_t>(size));
    std::copy_n(incoming.begin(), taken, reinterpret_cast<std::uint8_t*>(buffer));
    incoming = {};
    return static_cast<int>(taken);
}

long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
    switch (command) {
        case BIO_CTRL_FLUSH: return 1;
        case BIO_CTRL_DGRAM_QUERY_MTU: return static_cast<long>(limits::kDtlsMtu);
        case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD: return kOverhead;
        default: return 0;
    }
}

BioMethodPtr make_method() {
    BioMethodPtr method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams"));
    if (method) {
        BIO_meth_set_write(method.get(), write_datagram);
        BIO_meth_set_read(method.get(), read_datagram);
        BIO_meth_set_ctrl(method.get(), control);
    }
    return method;
}

}  // namespace

BIO* make_datagram_bio(DatagramQueue& queue) {
    static const BioMethodPtr kMethod = make_method();
    BIO* bio = kMethod ? BIO_new(kMethod.get()) : nullptr;
    if (bio != nullptr) {
        BIO_set_data(bio, &queue);
        BIO_set_init(bio, 1);
    }
    return bio;
}

}  // namespace patchbay::webrtc
