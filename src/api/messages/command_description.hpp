// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/messages/option_description.hpp"
#include "call/command.hpp"

#include <boost/describe/enum.hpp>

// The commands of the Active Call API in JSON.
namespace patchbay::call::command {

BOOST_DESCRIBE_ENUM(RecordAction, Start, Stop, Pause, Resume)

BOOST_DESCRIBE_STRUCT(Invite, (), (option))
BOOST_DESCRIBE_STRUCT(Accept, (), (option))
BOOST_DESCRIBE_STRUCT(Reject, (), (reason, code))
BOOST_DESCRIBE_STRUCT(Ringing, (), (recorder, early_media, ringtone))
BOOST_DESCRIBE_STRUCT(Tts,
                      (),
                      (text,
                       speaker,
                       play_id,
                       auto_hangup,
                       streaming,
                       end_of_stream,
                       wait_input_timeout,
                       option,
                       base64,
                       cache_key))
BOOST_DESCRIBE_STRUCT(Play, (), (url, play_id, auto_hangup, wait_input_timeout, offset))
BOOST_DESCRIBE_STRUCT(Interrupt, (), (graceful, fade_out))
BOOST_DESCRIBE_STRUCT(Pause, (), ())
BOOST_DESCRIBE_STRUCT(Resume, (), ())
BOOST_DESCRIBE_STRUCT(Refer, (), (caller, callee, options))
BOOST_DESCRIBE_STRUCT(Mute, (), (track_id))
BOOST_DESCRIBE_STRUCT(Unmute, (), (track_id))
BOOST_DESCRIBE_STRUCT(Hangup, (), (reason, initiator, headers, refer))
BOOST_DESCRIBE_STRUCT(Message, (), (body, content_type, headers, refer))
BOOST_DESCRIBE_STRUCT(Bridge, (), (target_session_id))
BOOST_DESCRIBE_STRUCT(Unbridge, (), (target_session_id))
BOOST_DESCRIBE_STRUCT(History, (), (speaker, text))
BOOST_DESCRIBE_STRUCT(Custom, (), (sender, data))
BOOST_DESCRIBE_STRUCT(AddIceCandidate, (), (candidate, sdp_mid, sdp_mline_index))
BOOST_DESCRIBE_STRUCT(Offer, (), (sdp))
BOOST_DESCRIBE_STRUCT(Dtmf, (), (digits, duration, gap, refer))
BOOST_DESCRIBE_STRUCT(Hold, (), ())
BOOST_DESCRIBE_STRUCT(Unhold, (), ())
BOOST_DESCRIBE_STRUCT(Record, (), (action, recorder))
BOOST_DESCRIBE_STRUCT(Transfer, (), (callee, target_session_id, headers))

}  // namespace patchbay::call::command

namespace patchbay::wire {

template <>
struct Spelling<call::command::Play> {
    static constexpr std::array kWireNames{Rename{"offset", "offsetMs"}};
};

template <>
struct Spelling<call::command::Interrupt> {
    static constexpr std::array kWireNames{Rename{"fade_out", "fadeOutMs"}};
};

template <>
struct Spelling<call::command::Message> {
    static constexpr std::array kWireAliases{Alias{"text", "body"}};
};

template <>
struct Spelling<call::command::AddIceCandidate> {
    static constexpr std::array kWireAliases{Alias{"sdpMLineIndex", "sdp_mline_index"}};
};

template <>
struct Spelling<call::command::Dtmf> {
    static constexpr std::array kWireNames{Rename{"duration", "durationMs"},
                                           Rename{"gap", "gapMs"}};
    static constexpr std::array kWireAliases{Alias{"digit", "digits"}};
};

}  // namespace patchbay::wire
