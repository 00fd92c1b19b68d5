// SPDX-License-Identifier: Apache-2.0
#include "call/direct_media.hpp"

#include "sdp/third_party.hpp"

namespace patchbay::call {

// RFC 3264 8: the number of sections never shrinks.
std::string DirectMedia::offer(const sdp::SessionDescription& description) {
    std::vector<sdp::MediaDescription> pattern = description.media;
    if (const auto& before = told.current()) {
        for (std::size_t i = pattern.size(); i < before->media.size(); ++i) {
            pattern.push_back(before->media[i]);
        }
    }
    return told.publish(sdp::passed_on(description, pattern, local));
}

std::string DirectMedia::answer(const sdp::SessionDescription& description,
                                const sdp::SessionDescription& offer) {
    return told.publish(sdp::passed_on(description, offer.media, local));
}

}  // namespace patchbay::call
