// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "media/frame.hpp"
#include "media/half_band.hpp"
#include "media/tone.hpp"
#include "rtp/telephone_event_sender.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct dtmf_rx_state_s;

// Keys as sounds in the audio (ITU-T Q.23), for parties that know no telephone events.
namespace patchbay::media {

// Puts keys as pairs of tones in the place of the audio, one after the other.
class InBandDialler {
  public:
    // All or nothing, as TelephoneEventSender::enqueue.
    Result<void> enqueue(std::string_view digits, const rtp::DigitTiming& timing);
    bool busy() const { return sounding_.has_value() || !queue_.empty(); }
    // The next 20 ms; only while busy.
    void read(Frame& out);

  private:
    void generate(std::span<std::int16_t> out);

    std::list<ToneSpec> queue_;
    std::optional<ToneGenerator> sounding_;
    std::uint64_t left_ = 0;  // samples of the present tone and the pause after it
};

// Finds keys in the audio (spandsp): 40 ms of a clean pair of tones and more, by the levels and
// twists of ITU-T Q.24. Speech and music do not make it talk.
class InBandDetector {
  public:
    InBandDetector();
    ~InBandDetector();
    InBandDetector(const InBandDetector&) = delete;
    InBandDetector& operator=(const InBandDetector&) = delete;

    // Each frame of the stream in order; appends the keys whose tone was recognised in it.
    void handle_frame(const Frame& frame, std::string& keys);

  private:
    struct Free {
        void operator()(dtmf_rx_state_s* state) const;
    };

    HalfBandDecimator halver_;
    std::unique_ptr<dtmf_rx_state_s, Free> detector_;
};

}  // namespace patchbay::media
