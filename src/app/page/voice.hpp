// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/peer/sockets.hpp"
#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "call/browser.hpp"
#include "call/call_audio.hpp"
#include "call/frame_clock.hpp"
#include "call/peer_port.hpp"
#include "net/shard.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::app {

// Stands in for a page's peer connection where packets do not pass between it and us: the session
// has its WebRTC with this, on loopback, and the page's audio comes and goes as frames of PCM.
// Belongs to its shard.
class PageVoice {
  public:
    struct Handlers {
        UniqueFunction<void(ByteView samples)> heard;  // 20 ms for the page
        UniqueFunction<void(char key)> key;            // pressed by the PBX
        UniqueFunction<void(bool connected)> state;
    };
    PageVoice(net::Shard& shard, WallAnchor wall, Random& random, Handlers handlers);

    Result<std::string> offer(Instant now);
    Result<std::string> answer(Instant now, std::string_view offer);
    Result<void> take_answer(Instant now, std::string_view answer);
    Result<void> press(std::string_view digits) { return audio_->track().send_digits(digits); }
    // What the page said: 16 kHz, mono, little endian.
    void say(ByteView samples);
    void tick(Instant now);

  private:
    Result<void> open(Instant now, bool calls);
    void receive(Instant now, const webrtc::IcePath& path, ByteView datagram);
    void follow(Instant now);
    void play(Instant now);

    WallAnchor wall_;
    Random& random_;
    Handlers handlers_;
    PeerSockets sockets_;
    // The session's packets go back by the sockets.
    class Sink final : public call::PeerSink {
      public:
        explicit Sink(PeerSockets& sockets) : sockets_(sockets) {}
        void send(const webrtc::IcePath& path, ByteView datagram) override {
            sockets_.send(path, datagram);
        }

      private:
        PeerSockets& sockets_;
    };
    Sink sink_;
    std::unique_ptr<call::Browser> browser_;
    std::optional<call::CallAudio> audio_;
    call::FrameClock clock_;
    std::deque<std::int16_t> said_;  // by the page, and not played yet
    bool plays_ = false;
};

}  // namespace patchbay::app
