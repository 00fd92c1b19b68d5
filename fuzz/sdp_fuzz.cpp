// SPDX-License-Identifier: Apache-2.0
// A session description from a peer: read it, write it, answer it, and take it for an answer.
#include "base/ensure.hpp"
#include "sdp/offer_answer.hpp"

#include <cstdint>

using namespace patchbay;

namespace {

sdp::LocalMedia local_media() {
    sdp::LocalMedia media;
    media.rtp = {IpAddress::v4(192, 0, 2, 1), 4000};
    for (const char* name : {"opus", "pcmu", "pcma", "g722", "l16"}) {
        media.codecs.push_back(*sdp::known_codec(name));
    }
    SeededRandom random(1);
    media.crypto = {sdp::CryptoPolicy::Optional, sdp::make_crypto_keys(random)};
    return media;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto description = sdp::SessionDescription::parse(as_text({data, size}));
    if (!description) {
        return 0;
    }
    const auto again = sdp::SessionDescription::parse(description->to_string());
    // Writing adds to lines that were cut short, and can only fail by passing a limit.
    PB_ENSURE(again ? *again == *description : again.error().code == Errc::TooLarge);

    sdp::LocalMedia local = local_media();
    const auto offer = sdp::make_offer(local);
    (void)sdp::apply_answer(offer, *description);
    for (const auto order : {sdp::CodecOrder::Ours, sdp::CodecOrder::Theirs}) {
        local.order = order;
        if (const auto answer = sdp::make_answer(*description, local)) {
            PB_ENSURE(answer->description.media.size() == description->media.size());
            PB_ENSURE(answer->audio.ptime >= Milliseconds(10));
            PB_ENSURE(answer->audio.ptime <= Milliseconds(60));
            (void)sdp::make_reoffer(local, answer->description);
        }
    }
    return 0;
}
