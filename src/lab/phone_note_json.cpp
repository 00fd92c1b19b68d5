// SPDX-License-Identifier: Apache-2.0
#include "lab/phone_note.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

namespace patchbay::lab {
namespace note {

BOOST_DESCRIBE_STRUCT(Listening, (), (timestamp, uri))
BOOST_DESCRIBE_STRUCT(Registered, (), (timestamp, expires))
BOOST_DESCRIBE_STRUCT(NotRegistered, (), (timestamp, status))
BOOST_DESCRIBE_STRUCT(Ringing, (), (timestamp, caller))
BOOST_DESCRIBE_STRUCT(Answered, (), (timestamp, codec))
BOOST_DESCRIBE_STRUCT(SoundBegan, (), (timestamp, level))
BOOST_DESCRIBE_STRUCT(SoundStopped, (), (timestamp))
BOOST_DESCRIBE_STRUCT(Digit, (), (timestamp, digit))
BOOST_DESCRIBE_STRUCT(Rejected, (), (timestamp, status, reason))
BOOST_DESCRIBE_STRUCT(HeardPassage, (), (from, to, level, frequency))
BOOST_DESCRIBE_STRUCT(Ended,
                      (),
                      (timestamp,
                       by_far_end,
                       heard,
                       level,
                       passages,
                       digits,
                       packets_received,
                       packets_lost,
                       jitter,
                       packets_sent))
BOOST_DESCRIBE_STRUCT(Problem, (), (timestamp, text))

}  // namespace note

std::string encode_note(const PhoneNote& note) {
    return wire::encode_tagged("event", note);
}

wire::Decoded<PhoneNote> decode_note(std::string_view json) {
    PB_TRY(const boost::json::value document, wire::parse_json(json));
    return wire::decode_tagged<PhoneNote>(document, "event");
}

}  // namespace patchbay::lab
