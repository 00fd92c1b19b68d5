// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/boxed.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "call/audio_preference.hpp"
#include "call/rtp_endpoint.hpp"
#include "call/summary.hpp"
#include "media/rtp_track.hpp"
#include "sdp/local_session.hpp"
#include "sdp/offer_answer.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::call {

// Joins the offer/answer exchange of one party with its RTP stream: whatever the two descriptions
// settle is what the track does next. Once both agreed on SRTP, no later offer or answer leads back
// to plain RTP. It knows no SIP: texts come in and go out. Owned by the
// session, on its shard.
class CallAudio {
  public:
    CallAudio(Random& random,
              const WallAnchor& wall,
              const RtpEndpoint& endpoint,
              AudioPreference preference);

    // Our first offer, or a further one in the same session.
    std::string offer();
    // The far end's answer to the last offer().
    Result<void> apply_answer(Instant now, std::string_view sdp);
    // Our answer to the far end's offer, first or later. Unsupported: 488.
    Result<std::string> answer(Instant now, std::string_view sdp);
    // The last description had no media at all: a later offer will bring it (RFC 3725 4.4).
    bool awaits_media() const { return session_.current() && session_.current()->media.empty(); }

    // The same where the keys come another way, over DTLS: what was agreed begins with them, and
    // not before. Transport attributes are the caller's to add and to take away; publish() makes
    // the text.
    sdp::SessionDescription offer_with_keys();
    Result<sdp::SessionDescription> answer_with_keys(Instant now,
                                                     const sdp::SessionDescription& offer);
    Result<void> apply_answer_with_keys(Instant now,
                                        const sdp::SessionDescription& offer,
                                        const sdp::SessionDescription& answer);
    Result<void> handle_keys(Instant now, const rtp::SrtpKeys& keys);
    std::string publish(sdp::SessionDescription description) {
        return session_.publish(std::move(description));
    }
    // Our latest description.
    const std::optional<sdp::SessionDescription>& published() const { return session_.current(); }

    // From the next offer or answer on.
    void set_direction(sdp::Direction direction) { direction_ = direction; }
    sdp::Direction direction() const { return direction_; }
    void set_codecs(std::vector<sdp::Codec> codecs) { preference_.codecs = std::move(codecs); }

    // Both sides are settled: frames flow.
    bool is_running() const { return audio_.has_value(); }
    // Of what has been heard since the start. Needs is_running().
    AudioQuality quality() const;
    // The far end does not want to hear us, or has nowhere to.
    bool is_held() const;
    const std::optional<sdp::NegotiatedAudio>& negotiated() const { return audio_; }
    // What we do; all that we want while nothing is settled.
    sdp::Direction agreed_direction() const { return audio_ ? audio_->direction : direction_; }

    // Grows with each description that changed something.
    unsigned revision() const { return revision_; }

    const RtpEndpoint& endpoint() const { return endpoint_; }
    media::RtpTrack& track() { return track_; }
    const media::RtpTrack& track() const { return track_; }

  private:
    sdp::LocalMedia local() const;
    Result<void> settle(Instant now, const sdp::NegotiatedAudio& audio);
    Result<void> settle_with_keys(Instant now, const sdp::NegotiatedAudio& audio);
    void hold_on_to(const sdp::NegotiatedCrypto& crypto);

    Random& random_;
    RtpEndpoint endpoint_;
    AudioPreference preference_;
    sdp::Direction direction_ = sdp::Direction::SendRecv;
    sdp::LocalSession session_;
    media::RtpTrack track_;
    sdp::LocalCrypto crypto_;
    std::optional<sdp::NegotiatedAudio> audio_;
    unsigned revision_ = 0;
    Boxed<rtp::SrtpKeys> keys_;                  // that came another way
    Boxed<sdp::NegotiatedAudio> awaiting_keys_;  // what was agreed before they came
};

}  // namespace patchbay::call
