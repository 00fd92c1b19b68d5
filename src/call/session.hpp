// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/boxed.hpp"
#include "base/ensure.hpp"
#include "call/application_audio.hpp"
#include "call/audio_join.hpp"
#include "call/barge_in.hpp"
#include "call/bridge_request.hpp"
#include "call/browser.hpp"
#include "call/call_audio.hpp"
#include "call/caller_clean_up.hpp"
#include "call/client_command.hpp"
#include "call/destination.hpp"
#include "call/direct_media.hpp"
#include "call/frame_clock.hpp"
#include "call/hangup_cause.hpp"
#include "call/hold_relay.hpp"
#include "call/leg.hpp"
#include "call/operation.hpp"
#include "call/own_hold.hpp"
#include "call/party.hpp"
#include "call/play_out_phase.hpp"
#include "call/playback.hpp"
#include "call/recognition.hpp"
#include "call/recording.hpp"
#include "call/rtp_endpoint.hpp"
#include "call/second_leg_request.hpp"
#include "call/session_parts.hpp"
#include "call/socket_audio.hpp"
#include "call/step.hpp"
#include "call/summary.hpp"
#include "call/surroundings.hpp"
#include "call/turn_ledger.hpp"
#include "call/voice_watch.hpp"
#include "sip/event.hpp"
#include "sip/locate.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::call {

// One call: a leg, its audio, what plays, what is recorded, and the rules between them. Each of
// those is a small machine of its own; the session combines them and words the events.
// It knows no other session, no socket and no clock. Lives and dies on its shard. Its members are
// defined by action, each in the session_*.cpp that stands above its declaration.
class Session {
  public:
    Session(SessionBirth birth, Surroundings& surroundings);

    const SessionNames& names() const { return names_; }
    TransitionLog& log() { return log_; }
    bool is_over() const { return leg_.is_ended(); }
    LegState leg_state() const { return leg_.state(); }
    SessionSummary summary() const;
    std::string describe() const;

    std::vector<sip::CallHandle> calls() const;  // what the Exchange files the session under
    // Whether those are they; asked in every step, so it does not make a list.
    bool has_calls(const std::vector<sip::CallHandle>& known) const;
    // The one that is on its way or answered.
    std::optional<sip::CallHandle> call() const { return call_; }
    std::optional<RtpPort> rtp_port() const;
    const Browser* browser() const { return browser_.get(); }
    unsigned phase() const { return phase_; }
    std::optional<Instant> next_timeout() const;

    // The control side.
    void handle_command(Step& step, ClientCommand command);
    void handle_timeout(Step& step);
    // One of the next two has something to take.
    bool wants_company() const { return second_leg_request_ || bridge_wanted_ || wants_join_; }
    // Whose other party shall come together with ours, once; and how that went.
    std::optional<sip::Replaces> take_join_request();
    void join_request_answered(Step& step, int status);
    // A second leg that this call asked for, once: to be born and given `invite`.
    Boxed<SecondLegRequest> take_second_leg_request();
    // The second leg was answered; it is over.
    void second_leg_answered(Step& step);
    void second_leg_ended(Step& step, const SessionSummary& leg);
    void part_from_second_leg();  // it is nothing to this call any more
    // Of a second leg that was born for hold music: its `trackStart`, which has waited.
    void start_caller_track(Step& step);
    void start_track_late() { starts_track_late_ = true; }
    // From now on both parties of `audio` hear each other, until leave_join() of either.
    void enter_join(std::shared_ptr<AudioJoin> audio, AudioJoin::Side side, bool forward_keys);
    void leave_join();
    // A bridge that this call asked for, once: the other call is to be found.
    std::optional<BridgeRequest> take_bridge_request();
    // Another call asks. WrongState: not answered, or joined to somebody.
    Result<void> accept_bridge(Step& step, const BridgeRequest& request);
    void bridge_answered(Step& step, const BridgeRequest& request, const Result<void>& answer);

    void lose_control(Step& step);  // the client is gone for good, and the call with it
    void kill(Step& step) { end(step, ended_by_us()); }
    // Ends the call whatever its state: `trackEnd`s, then `hangup`, the last event.
    void end(Step& step, const HangupCause& cause, const sip::ExtraHeaders& headers = {});
    // The same after a bug of ours.
    void break_off(Step& step, std::string_view reason);
    // The last resort, when not even that works: the client hears `hangup`, and nothing more.
    void abandon(Step& step);

    // Signalling.
    void take_call(Step& step, const sip::IncomingCall& incoming, BuiltIn built_in);
    void offer_to_application(Step& step, const sip::IncomingCall& call, const std::string& name);
    // A client takes an offered call. WrongState: somebody has it, or it is none of that kind.
    Result<void> adopt(Step& step, TrackId server_track);
    void application_missing(Step& step);
    // An INVITE that shall take the place of this call (RFC 3891).
    void take_over(Step& step, const sip::IncomingCall& incoming);
    // The two parties of a call that came in for somebody else. `forward` calls him.
    void take_forwarded(Step& step, const sip::IncomingCall& call, std::shared_ptr<AudioJoin> join);
    void forward(Step& step, SessionForward forward);
    // `early_media`: he is heard before he answers.
    void partner_rings(Step& step, bool early_media);
    void partner_answered(Step& step);
    void partner_ended(Step& step, int status);
    // Their holds: what this one has for the other one, what that one asks, how it went there.
    HoldRelay& hold_relay() { return hold_relay_; }
    void follow_partner(Step& step, sdp::Direction limit);
    void partner_followed(Step& step, const HoldOutcome& outcome);
    // The two parties of a call that a third one asked for. From now on this one hears the other.
    void hear_party(Step& step, std::shared_ptr<AudioJoin> join, AudioJoin::Side side);
    // The same with a party of another shard, with whose end this call ends.
    void hear_far_party(Step& step, std::shared_ptr<AudioJoin> join, AudioJoin::Side side);
    // The one who is being called rings, and there is nothing else to be heard.
    void hear_ringing(Step& step);
    // Somebody else has taken this party's place in its call.
    void be_replaced(Step& step) { end(step, cause::transferred()); }
    // Whether its audio can be joined with that of another.
    bool is_answered_call() const { return leg_.is_answered() && audio_ && call_; }
    // A phone whose media flows to the other phone of its call.
    bool is_direct() const { return direct_ != nullptr; }
    bool is_connected_directly() const;
    // What it has to say to the other one, once.
    std::vector<DirectMessage> take_direct_messages();
    void handle_direct(Step& step, const DirectMessage& message);
    // Asks the phone for an offer, for another phone than before; or tells the other phone once
    // more where this one is.
    void ask_for_direct_offer(Step& step);
    void repeat_direct_offer();
    // Who is at the far end, as it was called or as it calls.
    const std::string& far_party() const { return incoming_ ? caller_ : callee_; }
    void handle_sip(Step& step, const sip::Event& event);
    void target_located(Step& step,
                        const LocateTarget& asked,
                        const Result<std::vector<sip::Target>>& targets);
    void rtp_opened(Step& step, const RtpEndpoint& endpoint);
    void rtp_failed(Step& step, const Error& error);
    void peer_port_opened(Step& step, const PeerPort& port);

    // Media.
    void handle_rtp(Step& step, const SocketAddress& from, ByteView packet);
    void handle_rtcp(Step& step, const SocketAddress& from, ByteView packet);
    // A datagram of the browsers' port that is this call's.
    void handle_peer_packet(Step& step, const webrtc::IcePath& path, ByteView datagram);
    void tick(Step& step);
    // A window of the caller's audio that the batch of the shard has judged.
    void handle_voice(Step& step, const speech::VoiceWindow& window);
    void attach_source(std::uint32_t sequence, std::unique_ptr<media::FrameSource> source);
    void playback_failed(Step& step, std::uint32_t sequence, const Error& error);
    Playback& playback() { return playback_; }
    void recording_opened(std::unique_ptr<media::FrameSink> sink);
    void recording_failed(Step& step, const Error& error);

    // Audio of applications. A binary message of the controlling client.
    void handle_audio(Step& step, ByteView bytes);
    void socket_opened(Step& step, const SocketId& socket);
    void socket_binary(Step& step, const SocketId& socket, ByteView bytes);
    void socket_text(Step& step, const SocketId& socket, std::string_view text);
    void socket_closed(Step& step, const SocketId& socket, const SocketClosure& how);

    // The embedded recognizer.
    void recognizer_opened(std::unique_ptr<speech::RecognizerFeed> feed);
    void recognizer_failed(Step& step, const Error& error);
    void transcribed(Step& step, const speech::Transcript& transcript);

  private:
    // session.cpp
    HangupCause ended_by_us() const;
    void handle_finish(Step& step, const PlaybackFinish& finish);
    event::Hangup hangup_event(const Step& step, const HangupCause& cause) const;
    void report_error(Step& step, std::string sender, std::string error, int code);
    void report_operation(Step& step, OperationId operation, OperationStatus status) const;
    void give_up_operations(Step& step);

    // session_commands.cpp
    Result<void> carry_out(Step& step, const ClientCommand& request);
    Result<void> check_sip() const;
    void refuse_command(Step& step, const ClientCommand& command, event::Error error);
    void hang_up(Step& step, const command::Hangup& hangup);
    Result<void> send_message(Step& step, const command::Message& message);
    Result<void> mute(const std::optional<TrackId>& track, bool muted);
    Result<void> speak(Step& step, const command::Tts& tts);
    Result<std::string> choose_voice(Step& step, const SynthesisOption& option);
    Result<void> send_digits(const command::Dtmf& dtmf);

    // session_invite.cpp
    Result<void> invite(Step& step, const command::Invite& invite);
    void report_unserved_options(Step& step);
    sip::CallHandle send_invite(Step& step, const DialWay& way);
    sip::InviteRequest invitation(const DialWay& way,
                                  std::vector<sip::Flow> flows,
                                  Introduction introduction,
                                  std::string offer) const;
    std::string local_host() const;
    sip::Uri from_of(const DialWay& way, const sip::Uri& caller, const std::string& user) const;
    void refuse(Step& step, int status, std::string reason, const HangupCause& cause);
    sip::Flow flow_to(const sip::Target& target, const IpAddress& ours) const;
    const IpAddress& local_address() const;  // ours, as the far end sees it
    void take_terms(const Trunk& trunk);
    void keep_headers(const sip::Message& message);

    // session_dialing.cpp
    void try_next_way(Step& step, int status, std::string reason);
    bool claim(Step& step, const Trunk& trunk, std::vector<QuotaClaim>& claims);
    void give_claims_back();
    void reach(Step& step, IpAddress address);
    void preference_for(const DialWay& way);
    void send_invites(Step& step);
    bool take_fork(Step& step, const sip::Event& event);
    void lose_fork(Step& step, sip::CallHandle fork, int status, const std::string& reason);
    void hang_up_forks(Step& step, const sip::ExtraHeaders& headers);
    bool goes_another_way(Step& step, const sip::Rejected& rejected);

    // session_direct.cpp
    std::string first_direct_description();
    bool dislikes_no_media(int status);
    void take_direct_progress(Step& step, const sip::Progress& progress);
    void take_direct_answered(Step& step, const sip::Answered& answered_by);
    void take_direct_reoffer(Step& step, const sip::Reoffer& reoffer);
    void take_direct_ack(Step& step, std::string_view sdp);
    void take_direct_reoffer_answered(Step& step, std::string_view sdp);
    void take_direct_reoffer_refused(Step& step, const sip::ReofferRefused& refused);
    void take(Step& step, const DirectOffer& offer);
    void take(Step& step, const DirectAnswer& answer);
    void take(Step& step, const DirectRefusal& refusal);
    void take(Step& step, const DirectHold& hold);
    void offer_directly(Step& step,
                        std::optional<sdp::SessionDescription> description,
                        DirectMedia::Asking asking);
    void acknowledge_directly(Step& step);
    void settle_directly(Step& step);
    void retry_direct_offer(Step& step);
    void hold_directly(Step& step);
    void note_direct_answer_to_hold(std::string_view sdp);

    // session_browser.cpp
    void open_media_port(Step& step, std::string_view offer, const IpAddress& peer);
    Result<std::string> answer_offer(Step& step, std::string_view offer);
    CallAudio audio_by(Browser& browser) const;
    void answer_browser(Step& step);
    Result<void> invite_from_browser(Step& step, const CallOption& option);
    Result<void> add_ice_candidate(Step& step, const command::AddIceCandidate& command);
    Result<void> answer_further_offer(Step& step, const command::Offer& command);
    void follow_browser(Step& step);
    void browser_secured(Step& step, const webrtc::PeerSecured& secured);
    void browser_changed(Step& step, const webrtc::PeerStateChanged& changed);
    void handle_browser_timeout(Step& step);
    std::optional<Instant> next_browser_timeout() const;
    std::string further_offer();
    Result<void> apply_answer(Step& step, std::string_view answer);

    // session_browser_callee.cpp
    void offer_to_browsers(Step& step, const PeerPort& port);
    CalledBrowser browser_to_call(Step& step, const PeerPort& port, const IpAddress& callee) const;
    void settle_on(Step& step, sip::CallHandle call);

    // session_signalling.cpp
    void handle(Step& step, const sip::Progress& progress);
    void handle(Step& step, const sip::Answered& answered);
    void handle(Step& step, const sip::Rejected& rejected);
    void handle(Step& step, const sip::Canceled& canceled);
    void handle(Step& step, const sip::Ended& ended);
    void handle(Step& step, const sip::InfoReceived& info);
    void handle(Step& step, const sip::Confirmed& confirmed);
    void handle(Step& step, const sip::ProgressConfirmed& confirmed);
    void handle(Step& step, const sip::MessageReceived& received);
    void handle(Step& step, const sip::MessageAnswered& answer);
    void answered(Step& step, std::string sdp);

    // session_incoming.cpp
    void enter_incoming(Step& step, const sip::IncomingCall& incoming);
    void answer_taken(Step& step);
    void open_taken_port(Step& step);
    void ring_taken(Step& step);
    void play_part(Step& step, BuiltIn built_in);

    // session_application.cpp
    Result<void> ring(Step& step, const command::Ringing& ringing);
    Result<void> accept(Step& step, const command::Accept& accept);
    Result<void> reject(Step& step, const command::Reject& reject);
    void proceed(Step& step);
    void ring_with_media(Step& step);
    void answer_offered(Step& step);
    Result<std::string> answer_to_offer(Step& step);
    void open_offered_port(Step& step);
    void take_headers(const sip::Message& message);
    void decline(Step& step, int status, const std::string& reason, const HangupCause& cause);

    // session_join.cpp
    bool passes_through();
    void exchange_joined(const media::Frame& heard, media::Frame& played);

    // session_refer.cpp
    Result<void> refer(Step& step, const command::Refer& refer);
    void repeat_hold_music(Step& step, const PlaybackFinish& finish);
    Result<std::optional<std::string>> other_party(Step& step, const CallOption& option) const;
    void call_other_party(Step& step, std::string callee);

    // session_bridge.cpp
    Result<void> bridge(const command::Bridge& bridge);
    Result<void> unbridge(Step& step, const command::Unbridge& unbridge);
    Result<void> check_joinable() const;
    void enter_bridge(Step& step,
                      std::shared_ptr<AudioJoin> join,
                      AudioJoin::Side side,
                      const SessionId& other);
    void follow_bridge(Step& step);
    void leave_bridge(Step& step);
    void report_bridge(Step& step, std::string_view state);

    // session_reoffer.cpp
    void handle(Step& step, const sip::Reoffer& reoffer);
    void handle(Step& step, const sip::ReofferConfirmed& confirmed);
    void answer_reoffer(Step& step, const std::string& offer);
    void refuse_reoffer(Step& step, int status);
    void note_direction(Step& step, const sdp::SessionDescription& offer);
    void report_hold(Step& step);

    // session_hold.cpp
    Result<void> hold(Step& step, bool held, std::optional<OperationId> operation);
    void perform_hold(Step& step, OwnHold::Action action, int status);
    void handle(Step& step, const sip::ReofferAnswered& answered);
    void handle(Step& step, const sip::ReofferRefused& refused);

    // session_partner_hold.cpp
    bool asks_partner_first(const sip::Message& request);
    sdp::Direction own_direction(bool holds) const;
    bool finish_following_partner(Step& step, int status);
    void handle(Step& step, const sip::ReofferCanceled& canceled);
    void begin_hold_relay_anew(Step& step);

    // session_transfer.cpp
    Result<void> transfer(Step& step,
                          const command::Transfer& transfer,
                          const std::optional<sip::DialogIdentity>& target,
                          std::optional<OperationId> operation);
    void handle(Step& step, const sip::ReferAccepted& accepted);
    void handle(Step& step, const sip::ReferProgress& progress);
    void handle(Step& step, const sip::ReferFinished& finished);

    // session_follow.cpp
    void handle(Step& step, const sip::ReferReceived& asked);
    int follow(Step& step, const sip::ReferReceived& asked);
    void follow_next_way(Step& step, int status, const std::string& reason);
    void followed_located(Step& step, const Result<std::vector<sip::Target>>& targets);
    bool open_followed_port(Step& step);
    void followed_rtp_port(Step& step, const RtpEndpoint& endpoint);
    void followed_peer_port(Step& step, const PeerPort& port);
    void call_followed(Step& step);
    void handle_followed(Step& step, const sip::Event& event);
    void lose_followed(Step& step, sip::CallHandle call, int status, const std::string& reason);
    void tell_transferor(Step& step, int status, std::string reason);
    void finish_following(Step& step, int status, const std::string& reason);
    void enter_followed(Step& step, const sip::Answered& answered);
    void leave_following(Step& step);

    // session_replaced.cpp
    void replace_far_end(Step& step, FarEnd far);
    void replace_by_phone(Step& step, const RtpEndpoint& endpoint);
    void replace_by_browser(Step& step, const PeerPort& port);
    void enter_successor(Step& step, FarEnd far, Result<std::string> sdp);
    void refuse_successor(Step& step, int status);

    // session_media.cpp
    void start_audio(Step& step);
    void begin_recording(Step& step, const RecorderOption& recorder);
    Result<void> record(Step& step, const command::Record& record);
    void play_frame(Step& step);
    void handle_keys(Step& step, const media::TrackOutputs& outputs);
    bool pass_promptly(Step& step);
    void hear(Step& step, media::Frame& heard);
    void record_frame(const media::Frame& heard, const media::Frame& played);
    bool compose(Step& step, const media::Frame& heard, media::Frame& played);
    void send(Step& step, const media::Frame& played, bool sounds);
    Nanoseconds heard_delay() const;
    std::uint32_t ssrc() const;
    void handle_digit(Step& step, char digit, bool passed_on = false);

    // session_client_audio.cpp
    Result<void> begin_socket_call(Step& step, const CallOption& option);
    bool has_audio() const;
    void watch_activity(Step& step);
    void check_activity(Step& step);
    void follow_beat(const Step& step, bool silent);
    void interrupt(Step& step, const command::Interrupt& interrupt);

    // session_voice.cpp
    void start_voice_watch(Step& step);
    void report_voice(Step& step);
    void start_recognition(Step& step);
    void prepare_listening();
    void listen(Step& step, const media::Frame& heard);
    Instant spoken_at(const Step& step) const;
    void react_to_speech(Step& step);
    void react_to_words(Step& step);
    void give_way(Step& step);

    Surroundings& around_;
    SessionNames names_;
    SessionKind kind_;
    bool incoming_;
    PartyRole role_;
    Instant born_at_;
    WallAnchor wall_;
    TransitionLog log_;

    Leg leg_;
    CallOption option_;
    std::set<std::string> voices_told_;  // what the client was told of its providers
    AudioPreference preference_;
    std::string caller_;
    std::string callee_;
    std::string call_id_;
    Boxed<Dialling> dialling_;  // until the answer
    std::optional<Taken> taken_;
    std::optional<Join> join_;
    Boxed<SecondLegRequest> second_leg_request_;
    std::optional<SecondLeg> second_leg_;
    std::optional<BridgeRequest> bridge_request_;  // until it is answered
    bool bridge_wanted_ = false;                   // and the Exchange has not heard of it yet
    std::optional<SessionId> bridged_to_;
    bool ends_with_join_ = false;
    bool starts_track_late_ = false;
    Boxed<Offered> offered_;          // until the answer
    std::optional<PlayId> ringtone_;  // that the caller hears until the answer
    bool caller_track_started_ = false;
    std::vector<sip::CallHandle> forks_;   // INVITEs of which the first that is answered is call_
    std::vector<QuotaClaim> claims_;       // of an outgoing call by a trunk, until it ends
    std::optional<sip::CallHandle> call_;  // while the user agent knows the call
    std::string early_answer_;             // SDP of an 18x, for a 200 without one
    std::optional<HangupCause> cause_;
    std::optional<Instant> ended_at_;
    bool hangup_said_ = false;

    std::optional<Browsing> browsing_;
    std::unique_ptr<Browser> browser_;             // the sink of audio_
    std::optional<CalledBrowser> called_browser_;  // until one or a phone answers
    std::vector<webrtc::Candidate> trickled_;      // before browser_ was there
    OwnHold own_hold_;
    std::optional<OperationId> hold_operation_;
    HoldRelay hold_relay_;
    std::optional<Transferring> transferring_;
    Boxed<Following> following_;
    std::optional<JoinRequest> join_request_;  // until it is answered
    bool wants_join_ = false;                  // and the Exchange has not heard of it yet
    std::optional<Successor> successor_;
    std::unique_ptr<DirectMedia> direct_;  // in the place of audio_

    std::optional<CallAudio> audio_;
    Boxed<SocketAudio> socket_audio_;  // of `/call`, in the place of audio_
    ApplicationAudio application_;
    bool stray_audio_reported_ = false;
    FrameClock clock_;
    PlayOutPhase phase_probe_;
    unsigned phase_ = 0;
    bool heard_anything_ = false;
    bool on_hold_ = false;
    bool one_description_ = false;  // as the trunk's
    std::string recorded_headers_;  // as the trunk's
    std::map<std::string, std::string> kept_headers_;
    bool held_here_ = false;  // our hold of a far end that is sent no re-INVITE
    bool caller_muted_ = false;
    bool server_muted_ = false;
    bool echo_ = false;
    bool recording_begun_ = false;  // asked for, and not stopped
    bool records_clean_ = false;    // the caller as recognition hears him
    Playback playback_;
    Recording recording_;
    std::optional<VoiceWatch> voice_;
    bool recognition_begun_ = false;  // whatever came of it
    Boxed<Recognition> recognition_;
    std::unique_ptr<CallerCleanUp> clean_up_;
    std::optional<BargeIn> barge_in_;
    TurnLedger turns_;
    VoiceWatch::Events voice_events_;  // of one step; kept for its memory
    std::optional<InputWait> input_wait_;
    std::optional<Instant> last_audio_;      // of the caller, where inactivityTimeout asks
    std::optional<Instant> activity_check_;  // looked at then, so that a packet moves no timer
};

}  // namespace patchbay::call
