// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/event.hpp"
#include "wire/spelling.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <string_view>

// The events of the Active Call API in JSON.
namespace patchbay::call {

BOOST_DESCRIBE_STRUCT(Attendee, (), (username, realm, source))

namespace event {

BOOST_DESCRIBE_STRUCT(Incoming, (), (track_id, timestamp, caller, callee, sdp, headers))
BOOST_DESCRIBE_STRUCT(Ringing, (), (track_id, timestamp, early_media, refer))
BOOST_DESCRIBE_STRUCT(Answer, (), (track_id, timestamp, sdp, refer))
BOOST_DESCRIBE_STRUCT(Reject, (), (track_id, timestamp, reason, code, refer))
BOOST_DESCRIBE_STRUCT(MediaReady, (), (track_id, timestamp))
BOOST_DESCRIBE_STRUCT(Hangup,
                      (),
                      (track_id,
                       timestamp,
                       reason,
                       initiator,
                       start_time,
                       hangup_time,
                       answer_time,
                       ringing_time,
                       from,
                       to,
                       extra,
                       refer))
BOOST_DESCRIBE_STRUCT(Dtmf, (), (track_id, timestamp, digit, refer))
BOOST_DESCRIBE_STRUCT(Hold, (), (track_id, timestamp, on_hold, refer))
BOOST_DESCRIBE_STRUCT(TransferRequest, (), (track_id, timestamp, refer_to, referred_by, refer))
BOOST_DESCRIBE_STRUCT(Message, (), (track_id, timestamp, body, content_type, refer))
BOOST_DESCRIBE_STRUCT(Inactivity, (), (track_id, timestamp))
BOOST_DESCRIBE_STRUCT(RingbackState,
                      (),
                      (track_id,
                       timestamp,
                       state,
                       state_index,
                       confidence,
                       prev_state,
                       prev_confidence,
                       is_final,
                       refer))
BOOST_DESCRIBE_STRUCT(Speaking, (), (track_id, timestamp, start_time, is_filler, confidence, refer))
BOOST_DESCRIBE_STRUCT(Silence,
                      (),
                      (track_id, timestamp, start_time, duration, speech_duration, refer))
BOOST_DESCRIBE_STRUCT(
    AsrFinal,
    (),
    (track_id, timestamp, index, start_time, end_time, text, is_filler, confidence, task_id, refer))
BOOST_DESCRIBE_STRUCT(
    AsrDelta,
    (),
    (track_id, timestamp, index, start_time, end_time, text, is_filler, confidence, task_id, refer))
BOOST_DESCRIBE_STRUCT(Eou, (), (track_id, timestamp, completed, interrupt_point, text, refer))
BOOST_DESCRIBE_STRUCT(TrackStart, (), (track_id, timestamp, play_id))
BOOST_DESCRIBE_STRUCT(TrackEnd, (), (track_id, timestamp, duration, ssrc, play_id))
BOOST_DESCRIBE_STRUCT(Interruption,
                      (),
                      (track_id, timestamp, play_id, subtitle, position, total_duration, current))
BOOST_DESCRIBE_STRUCT(AnswerMachineDetection, (), (track_id, timestamp, start_time, end_time, text))
BOOST_DESCRIBE_STRUCT(Metrics, (), (timestamp, key, duration, data))
BOOST_DESCRIBE_STRUCT(Error, (), (track_id, timestamp, sender, error, code, request_id))
BOOST_DESCRIBE_STRUCT(Ack, (), (track_id, timestamp, request_id))
BOOST_DESCRIBE_STRUCT(Binary, (), (track_id, timestamp, data))
BOOST_DESCRIBE_STRUCT(Ping, (), (timestamp, payload))
BOOST_DESCRIBE_STRUCT(Other, (), (track_id, timestamp, sender, extra))
BOOST_DESCRIBE_STRUCT(AddHistory, (), (sender, timestamp, speaker, text))
BOOST_DESCRIBE_STRUCT(Custom, (), (timestamp, sender, data))
BOOST_DESCRIBE_STRUCT(FunctionCall, (), (track_id, call_id, name, arguments, timestamp))

}  // namespace event
}  // namespace patchbay::call

namespace patchbay::wire {

template <>
struct Spelling<call::event::Metrics> {
    static constexpr std::array<std::string_view, 1> kWireAlways{"data"};
};

template <>
struct Spelling<call::event::Binary> {
    static constexpr std::array<std::string_view, 1> kWireAlways{"data"};
};

}  // namespace patchbay::wire
