// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "call/call_audio.hpp"
#include "call/frame_clock.hpp"
#include "call/rtp_endpoint.hpp"
#include "lab/sound_watch.hpp"
#include "media/frame.hpp"
#include "media/rtp_track.hpp"
#include "sip/flow.hpp"
#include "sip/registration.hpp"
#include "sip/user_agent.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::lab {

// What a phone does with a call that comes in.
struct PhoneBehaviour {
    Milliseconds ring_after{0};  // 180, or 183 with early_media
    std::optional<Milliseconds> answer_after =
        Milliseconds(200);  // absent: it rings until the caller gives up
    std::optional<sip::Rejection> reject = std::nullopt;  // in place of the answer, at that time
    bool early_media = false;         // 183 with a session description, and audio at once
    bool needs_media = false;         // refuses an INVITE without a description, or media in it
    bool answer_without_sdp = false;  // the 183 was the answer
    std::optional<Milliseconds> hang_up_after = std::nullopt;  // after the answer, of either side
    bool follow_transfers = true;  // a REFER is obeyed; else refused with 603
    std::string keys;              // pressed after the answer of either side; ',' is a pause
    Milliseconds keys_after{500};
};

struct PhoneConfig {
    sip::UserAgentConfig agent;
    SocketAddress sip;  // where it listens
    call::RtpEndpoint rtp;
    std::vector<std::string> codecs = {"PCMU", "PCMA", "G722"};
    sdp::CryptoPolicy crypto = sdp::CryptoPolicy::Off;
    bool telephone_event = true;  // false: an old phone, whose keys are tones in the audio
    bool comfort_noise = false;
    std::string user = "phone";
    PhoneBehaviour behaviour;
    std::optional<sip::Credentials> credentials = std::nullopt;  // for calls that are challenged
    std::optional<sip::RegistrationConfig> registration = std::nullopt;
};

struct PhoneRinging {    // in: a call came; out: the far end rings
    std::string caller;  // of a call that came
};
struct PhoneAnswered {
    std::string codec;  // "PCMU/8000"; empty while the far end owes its answer
};
struct PhoneRejected {
    int status = 0;
    std::string reason;
};
// Comes once per call that was not rejected.
struct PhoneEnded {
    bool by_far_end = false;
    media::TrackStatistics audio = {};
};
// The outcome of a transfer that this phone asked for: a SIP status, 0 when nobody told.
struct PhoneTransferred {
    int status = 0;
};
struct PhoneDigit {
    char digit = '0';
};
// What was to be played cannot be, or the far end takes no keys; the call goes on.
struct PhoneProblem {
    Error error;
};
using PhoneSoundBegan = SoundWatch::Began;
using PhoneSoundStopped = SoundWatch::Stopped;
using PhoneRegistered = sip::Registration::Registered;
using PhoneNotRegistered = sip::Registration::Failed;
using PhoneEvent = std::variant<PhoneRinging,
                                PhoneAnswered,
                                PhoneRejected,
                                PhoneEnded,
                                PhoneTransferred,
                                PhoneDigit,
                                PhoneProblem,
                                PhoneSoundBegan,
                                PhoneSoundStopped,
                                PhoneRegistered,
                                PhoneNotRegistered>;

struct PhoneOutputs {
    std::vector<sip::Transmit> transmits;
    std::vector<PhoneEvent> events;
};

// A SIP phone for one call at a time, as an engine: packets and the time come in, packets and
// events go out. The phone that people start and the far end of the scenario tests are this. It
// plays a source, hears into a sink, and presses keys; it owns no socket and no file.
class PhoneEngine {
  public:
    PhoneEngine(PhoneConfig config, WallAnchor wall, Random& random);

    void handle_sip(Instant now, const sip::Flow& flow, ByteView message, PhoneOutputs& out);
    void handle_sip_transport_error(Instant now, const sip::Flow& flow, PhoneOutputs& out);
    void handle_rtp(Instant now, const SocketAddress& from, ByteView packet, PhoneOutputs& out);
    void handle_rtcp(Instant now, const SocketAddress& from, ByteView packet, PhoneOutputs& out);
    // Every 20 ms.
    void tick(Instant now, PhoneOutputs& out);
    void handle_timeout(Instant now, PhoneOutputs& out);
    std::optional<Instant> next_timeout() const;

    // Begins the registration that the configuration asks for; sign_off() takes it back.
    void sign_on(Instant now, PhoneOutputs& out);
    void sign_off(Instant now, PhoneOutputs& out);

    // What the person at the phone does. `sip_target` is a SIP URI, whose transport parameter
    // counts; `at` is the address to send to.
    Result<void> call(Instant now,
                      std::string_view sip_target,
                      const SocketAddress& at,
                      PhoneOutputs& out,
                      const std::optional<sip::Replaces>& replaces = std::nullopt);
    // The same without an offer: the far end makes it, the answer goes with the ACK.
    Result<void> call_without_offer(Instant now,
                                    std::string_view sip_target,
                                    const SocketAddress& at,
                                    PhoneOutputs& out);
    void hang_up(Instant now, PhoneOutputs& out);
    // A re-INVITE: our side from now on sends and receives so, and speaks these codecs.
    void reoffer(Instant now,
                 sdp::Direction direction,
                 std::optional<std::vector<std::string>> codecs,
                 PhoneOutputs& out);
    // A re-INVITE without a body: the far end makes the offer.
    void ask_for_offer(Instant now, PhoneOutputs& out);
    // Asks the far end to call somebody else; with a dialog, to take that one over.
    void transfer(Instant now,
                  sip::Uri target,
                  const std::optional<sip::Replaces>& replaces,
                  PhoneOutputs& out);
    // The call that the phone is in, as its far end must be told of it.
    std::optional<sip::DialogIdentity> dialog() const;
    void send_text(Instant now, std::string text, PhoneOutputs& out);
    Result<void> press(std::string_view keys);
    // The same keys by SIP INFO.
    void press_by_info(Instant now, char key, PhoneOutputs& out);

    // What it says from now on; null is silence. With echo it says what it hears.
    void play(std::unique_ptr<media::FrameSource> source) { source_ = std::move(source); }
    void set_echo(bool echo) { echo_ = echo; }
    // What it hears (left) and says (right), position by the phone's own clock. Outlives the phone.
    void listen(media::FrameSink* sink) { sink_ = sink; }

    bool in_call() const { return call_.has_value(); }
    bool is_answered() const { return answered_; }
    const std::optional<call::CallAudio>& audio() const { return audio_; }
    std::uint64_t frames() const { return frames_; }

  private:
    enum class Due : std::uint8_t { Ring, Answer, PressKeys, HangUp };
    struct Plan {
        Due what = Due::Ring;
        Instant at;
    };

    // A call that the far end transferred us to, until it is answered.
    struct Followed {
        sip::ReferHandle refer;
        sip::CallHandle asked_in;
        sip::CallHandle call;
        call::CallAudio audio;
    };

    Result<sip::InviteRequest> invitation(std::string_view sip_target, const SocketAddress& at);
    void dispatch(Instant now, PhoneOutputs& out);
    void handle(Instant now, const sip::Event& event, PhoneOutputs& out);
    void handle_incoming(Instant now, const sip::IncomingCall& incoming, PhoneOutputs& out);
    void handle_progress(Instant now, const sip::Progress& progress, PhoneOutputs& out);
    void handle_answered(Instant now, const sip::Answered& answered, PhoneOutputs& out);
    void handle_reoffer(Instant now, const sip::Reoffer& reoffer);
    void handle_reoffer_answered(Instant now, const sip::ReofferAnswered& answered);
    void handle_request_finished(Instant now,
                                 const sip::RequestFinished& finished,
                                 PhoneOutputs& out);
    void handle_end(PhoneOutputs& out, PhoneEvent how);
    // phone_engine_transfer.cpp
    void handle_refer(Instant now, const sip::ReferReceived& refer, PhoneOutputs& out);
    Result<void> follow(Instant now, const sip::ReferReceived& refer);
    void handle_followed(Instant now, const sip::Event& event, PhoneOutputs& out);
    void handle_replacement(Instant now, const sip::IncomingCall& incoming, PhoneOutputs& out);
    void leave_call(Instant now);
    void carry_out(Instant now, Due due, PhoneOutputs& out);
    void ring(Instant now, PhoneOutputs& out);
    void answer(Instant now, PhoneOutputs& out);
    void enter_answered(Instant now, PhoneOutputs& out);
    call::AudioPreference audio_preference() const;
    void begin_audio();
    void play_frame(Instant now, PhoneOutputs& out);
    static void tell_keys(const media::TrackOutputs& outputs, PhoneOutputs& out);
    void watch_sound(Instant now, ByteView packet, PhoneOutputs& out);

    PhoneConfig config_;
    WallAnchor wall_;
    Random& random_;
    sip::UserAgent agent_;
    sip::Outputs sip_;
    std::optional<sip::Registration> registration_;
    std::optional<sip::CallHandle> call_;
    std::optional<Followed> followed_;
    std::optional<sip::CallHandle> left_call_;  // transferred away from; the far end hangs it up
    std::string offer_;                         // of the call that rings
    std::string early_answer_;  // our answer in the 183, the far end's answer in its 183
    std::vector<Plan> plans_;
    bool answered_ = false;
    bool offer_requested_ = false;
    std::optional<call::CallAudio> audio_;
    SoundWatch watch_;
    call::FrameClock clock_;
    std::uint64_t frames_ = 0;
    std::unique_ptr<media::FrameSource> source_;
    media::FrameSink* sink_ = nullptr;
    bool echo_ = false;
};

}  // namespace patchbay::lab
