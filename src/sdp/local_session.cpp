// SPDX-License-Identifier: Apache-2.0
#include "sdp/local_session.hpp"

namespace patchbay::sdp {

// 62 bits, as RFC 8829 5.2.1 advises: some peers keep the number signed.
LocalSession::LocalSession(Random& random) : id_(random.u64() >> 2U) {}

std::string LocalSession::publish(SessionDescription description) {
    description.origin.session_id = std::to_string(id_);
    description.origin.session_version = std::to_string(version_);
    if (description != current_) {
        description.origin.session_version = std::to_string(++version_);
        current_ = std::move(description);
    }
    return current_->to_string();
}

}  // namespace patchbay::sdp
