// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "bridge/gateway.hpp"
#include "bridge/page/command.hpp"
#include "bridge/page/notice.hpp"
#include "bridge/side_state.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::bridge::page {

struct SideSettings {
    std::string bridge;
    std::optional<IpAddress> address;  // the only one that the page is told for its audio
    std::string audio;                 // page.audio
    bool takes_calls = true;           // false: the one that is goes on to its end
};

struct SideOutputs {
    std::vector<std::string> messages;     // to the engine, by flow_to_side()
    std::vector<CommandRequest> commands;  // to the page
};

// WhatsApp calls by a page of which we know nothing but its adapter. A page is one telephone: it
// has one call at a time, and a second one is busy. What is asked of a page that is not there, not
// paired, or whose adapter is silent is refused with that in words.
//
//   the page is called:  incoming -> INVITE; 200 -> accept
//   the PBX calls:       INVITE -> place; ringing -> 180; accepted -> 200
//
// The audio is the session's own WebRTC with the page's; where that does not connect in time, the
// call goes on by frames, and so do those after it.
//
// An engine: the JSON, DevTools and Chrome are elsewhere. Belongs to one shard.
class Side {
  public:
    Side(SideSettings settings, Random& random);

    void use(SideSettings settings);
    // A message of the engine to this side.
    void handle_message(Instant now, ByteView message, SideOutputs& out);
    void handle_notice(Instant now, const Notice& notice, SideOutputs& out);
    void handle_answer(Instant now, CommandId id, const CommandAnswer& answer, SideOutputs& out);
    // Our script can be put into the page; what it says comes from now on.
    void page_attached(Instant now);
    // The page is gone, and with it its call.
    void page_lost(Instant now, std::string_view words, SideOutputs& out);
    void handle_timeout(Instant now, SideOutputs& out);
    std::optional<Instant> next_timeout() const;

    const SideState& state() const { return state_; }
    bool takes_calls() const { return settings_.takes_calls; }
    std::size_t calls() const { return call_ ? 1 : 0; }
    AudioWay way() const { return way_; }

  private:
    enum class Phase : std::uint8_t {
        Offering,     // the page is called, and makes its description
        Ringing,      // at the PBX, or at the WhatsApp user
        Accepting,    // the PBX has answered, and the page is told
        Established,  // both talk
    };
    struct Call {
        GatewayCall handle;
        bool from_page = false;
        std::string id;  // at the page; empty while it is placed
        std::string number;
        std::string name;
        Phase phase = Phase::Ringing;
        std::optional<Instant> deadline;
        std::string answer;         // the page's, to the PBX's offer
        bool is_accepted = false;   // by the user, perhaps before `answer` is there
        bool has_answer = false;    // the page has the PBX's
        bool is_connected = false;  // the audio
        std::optional<Instant> audio_deadline;
    };
    struct Waiting {
        CommandKind kind;
        std::uint64_t call;  // which of all: its number
        Instant deadline;
    };

    // side.cpp: the PBX
    void take(Instant now, GatewayOutputs& gateway, SideOutputs& out);
    void handle(Instant now, const NumberCalled& event, SideOutputs& out);
    void handle(Instant now, const PbxRings& event, SideOutputs& out);
    void handle(Instant now, const PbxAnswered& event, SideOutputs& out);
    void handle(Instant now, const PbxAnsweredAgain& event, SideOutputs& out);
    void handle(Instant now, const CallEnded& event, SideOutputs& out);
    std::optional<std::string> why_not() const;
    void answer_pbx(Instant now, SideOutputs& out);
    void refuse(Instant now, GatewayCall handle, int status, std::string words, SideOutputs& out);
    void hang_up(Instant now, std::string_view words, SideOutputs& out);
    void fall_back(Instant now, SideOutputs& out);
    void expire(Instant now, SideOutputs& out);

    // side_page.cpp: the page
    void handle(Instant now, const Hello& notice, SideOutputs& out);
    void handle(Instant now, const Ready& notice, SideOutputs& out);
    void handle(Instant now, const Incoming& notice, SideOutputs& out);
    void handle(Instant now, const Ringing& notice, SideOutputs& out);
    void handle(Instant now, const Accepted& notice, SideOutputs& out);
    void handle(Instant now, const Ended& notice, SideOutputs& out);
    void handle(Instant now, const Keys& notice, SideOutputs& out);
    void handle(Instant now, const HeardKeys& notice, SideOutputs& out);
    void handle(Instant now, const AudioState& notice, SideOutputs& out);
    void handle(Instant /*now*/, const AudioFrames& /*notice*/, SideOutputs& /*out*/) {}
    void answered(Instant now, CommandKind kind, const CommandAnswer& answer, SideOutputs& out);
    void placed(Instant now, const CommandAnswer& answer, SideOutputs& out);
    void described(Instant now, const CommandAnswer& answer, SideOutputs& out);
    bool is_of_call(const std::string& id) const { return call_ && call_->id == id; }
    void tell(Instant now, Command command, SideOutputs& out);
    void tell(Instant now, CommandKind kind, SideOutputs& out);
    void tell_of_end(Instant now, SideOutputs& out);
    void forget(Instant now, SideOutputs& out);
    void note_error(Instant now, std::string words);

    SideSettings settings_;
    Gateway gateway_;
    std::optional<Call> call_;
    std::uint64_t call_number_ = 0;
    std::map<CommandId, Waiting> waiting_;
    CommandId next_command_ = 1;
    AudioWay way_ = AudioWay::Peer;
    SideState state_;
    bool is_attached_ = false;
    std::optional<Ready> ready_;
    std::optional<Instant> ready_deadline_;
    std::string lost_words_ = "the browser has not been reached yet";
};

}  // namespace patchbay::bridge::page
