// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/audio_join.hpp"
#include "call/audio_preference.hpp"
#include "call/browser.hpp"
#include "call/call_audio.hpp"
#include "call/call_quota.hpp"
#include "call/command.hpp"
#include "call/destination.hpp"
#include "call/dial_plan.hpp"
#include "call/ids.hpp"
#include "call/operation.hpp"
#include "call/options.hpp"
#include "call/party.hpp"
#include "call/step.hpp"
#include "call/summary.hpp"
#include "sip/event.hpp"
#include "sip/locate.hpp"
#include "sip/message.hpp"
#include "sip/uri.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// What a Session knows while it does one thing or another; each is there as long as that lasts. Of
// no use to anybody else.
namespace patchbay::call {

// What a session is born with.
struct SessionBirth {
    SessionNames names;
    SessionKind kind = SessionKind::Sip;
    bool incoming = false;
    Instant at;
    WallAnchor wall;
};

// The call to somebody for whom another one came in.
struct SessionForward {
    DialPlan plan;
    std::string caller;       // From, or who is asserted
    bool is_private = false;  // he wants to stay unknown
    std::string callee;
    std::string display_name = {};  // of the caller
    PartyRole role = PartyRole::Callee;
    TextMap headers = {};
    std::optional<Milliseconds> ring_time = std::nullopt;  // absent: as long as any call rings
    std::optional<RecorderOption> recorder = std::nullopt;
    std::shared_ptr<AudioJoin> join = {};  // shared by the two parties; null: enter_join()
    bool direct = false;                   // its media does not come here
    std::optional<std::uint32_t> max_forwards = std::nullopt;
};

// Who calls, and with which headers of the client.
struct Introduction {
    sip::Uri from;
    std::string display_name = {};
    bool is_private = false;
    sip::ExtraHeaders headers = {};
};

// An invite on its way: what is known of where it goes.
struct Dialling {
    DialPlan plan;
    AudioPreference preference = {};   // the client's, before a trunk adds its own
    std::size_t next = 0;              // way to be tried
    std::vector<sip::Target> targets;  // of the present way, best first, of one address family
    IpAddress address;                 // of the present way, while the browsers' port is asked for
    std::optional<Instant> deadline;   // handshakeTimeout
    std::optional<std::uint32_t> max_forwards;  // of a call that came in and goes on
    bool is_private = false;                    // the caller wants to stay unknown
    std::string display_name;                   // in From
    int best_status = 0;                        // of the phones that said no
    std::string best_reason;

    const DialWay& current() const { return plan.ways[next - 1]; }
    // Whether a browser, or one who is none, is among those who get an INVITE now.
    bool calls_any(bool browsers) const {
        const auto is_one = [&](const DialWay& way) { return way.is_web_rtc() == browsers; };
        return plan.at_once ? std::ranges::any_of(plan.ways, is_one) : is_one(current());
    }
};

// An incoming call that waits for its RTP port.
struct Taken {
    std::optional<BuiltIn> built_in;  // absent: it is forwarded
    std::string offer;
    IpAddress peer;                           // where the INVITE came from
    bool port_asked = false;                  // for early media or the answer
    bool answering = false;                   // as soon as the port is there
    std::optional<std::string> early_answer;  // our SDP, once a provisional response sent it
    bool early_transport = false;             // of the caller's trunk
};

// Another call that hears this one, and the other way round.
struct Join {
    std::shared_ptr<AudioJoin> audio;  // shared by the two parties
    AudioJoin::Side side = AudioJoin::Side::First;
    bool forward_keys = true;
};

// What this call knows of its second leg, which is a session of its own.
struct SecondLeg {
    std::string music;         // URL; empty: the caller hears the other side's early media
    bool plays_music = false;  // now, over and over
    Instant music_began;
    bool auto_hangup = false;
    bool pauses_recognition = false;  // of this call's caller, until it ends
    bool answered = false;
    bool is_callee = false;  // of the call itself: its end is the end of the call
};

// An incoming call that is for an application to accept.
struct Offered {
    sip::Message invite;                // without a body the caller asks for our offer
    IpAddress peer;                     // where the INVITE came from
    Instant deadline;                   // of `accept`
    bool has_control = false;           // a client has taken the call
    bool records_ringing = false;       // the recorder of `ringing` stays in force
    std::optional<std::string> answer;  // our SDP, once early media sent it
    // Commands that wait for the RTP port.
    std::optional<command::Ringing> ringing;
    bool accepting = false;
};

// A browser's call, from its offer on.
struct Browsing {
    std::optional<BuiltIn> built_in;
    std::optional<std::string> callee;  // who is called for it
    std::optional<Instant> deadline;    // handshakeTimeout: until the keys are there
    // Of a transport that was done while it still rang: the audio waits for the answer.
    std::optional<webrtc::PeerSecured> secured_early = std::nullopt;
};

// Browsers that ring, all of them with one offer: who answers has the transport.
struct CalledBrowser {
    std::unique_ptr<Browser> browser;  // the sink of `audio`
    CallAudio audio;
    IpAddress local;  // ours, as the callee reaches it
    std::vector<sip::CallHandle> calls = {};

    bool has(sip::CallHandle call) const { return std::ranges::find(calls, call) != calls.end(); }
};

// Somebody who takes the place of the far end: his dialog, and what he is heard by.
struct FarEnd {
    sip::CallHandle call;
    std::unique_ptr<Browser> browser;  // the sink of `audio`; null: he has a phone
    CallAudio audio;
};

// A REFER of ours whose outcome is awaited.
struct Transferring {
    sip::ReferHandle refer;
    std::optional<OperationId> operation;
};

// The far end asked us to call somebody else, and we do.
struct Following {
    sip::ReferHandle refer;
    sip::CallHandle asked_in;  // the far end hears there how it goes
    sip::Uri caller;           // whom he called
    std::optional<sip::Replaces> replaces;
    std::string referred_by;
    DialPlan plan;
    std::size_t next = 0;  // way to be tried
    std::vector<sip::CallHandle> calls = {};
    std::vector<QuotaClaim> claims = {};
    std::vector<sip::Target> targets = {};  // of that way, where it has no flow
    bool awaits_port = false;
    std::optional<CallAudio> audio = {};  // of phones; on the port of the old one, if it has one
    std::optional<CalledBrowser> browser = {};  // of pages

    const DialWay& way() const { return plan.ways[next]; }
    IpAddress address() const {
        return way().flow ? way().flow->remote.ip : targets.front().address.ip;
    }
    void skip_way() {
        ++next;
        targets.clear();
    }
    bool has(std::optional<sip::CallHandle> call) const {
        return call && std::ranges::find(calls, *call) != calls.end();
    }
    // Ours, as the new far end reaches it; null while there is no port.
    const IpAddress* local() const {
        if (next == plan.ways.size()) {
            return nullptr;
        }
        return way().is_web_rtc() ? (browser ? &browser->local : nullptr)
               : audio            ? &audio->endpoint().advertised.ip
                                  : nullptr;
    }
    bool is_page(sip::CallHandle call) const { return browser && browser->has(call); }
    FarEnd take(sip::CallHandle call) {
        if (is_page(call)) {
            CalledBrowser page = *std::exchange(browser, std::nullopt);
            return {call, std::move(page.browser), std::move(page.audio)};
        }
        return {call, nullptr, *std::exchange(audio, std::nullopt)};
    }
};

// The far end asked us to bring the other party of this call together with that of another one.
struct JoinRequest {
    sip::ReferHandle refer;
    sip::CallHandle asked_in;
    sip::Replaces other;  // ours, of this shard or another
};

// An INVITE that is to take the far end's place, until its port is there.
struct Successor {
    sip::CallHandle call;
    std::string offer;
};

// After a playback with waitInputTimeout, until the caller does something.
struct InputWait {
    Instant since;
    Milliseconds timeout{0};
};

}  // namespace patchbay::call
