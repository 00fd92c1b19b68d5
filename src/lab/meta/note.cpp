// SPDX-License-Identifier: Apache-2.0
#include "lab/meta/note.hpp"

#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

namespace patchbay::lab::meta {
namespace note {

BOOST_DESCRIBE_STRUCT(Listening, (), (timestamp, server, authority, certificate, key))
BOOST_DESCRIBE_STRUCT(Called, (), (timestamp, call, number))
BOOST_DESCRIBE_STRUCT(Ringing, (), (timestamp, call))
BOOST_DESCRIBE_STRUCT(Answered, (), (timestamp, call))
BOOST_DESCRIBE_STRUCT(Refused, (), (timestamp, status, rule, method))
BOOST_DESCRIBE_STRUCT(Action, (), (timestamp, call, action))
BOOST_DESCRIBE_STRUCT(Webhook, (), (timestamp, about, status))
BOOST_DESCRIBE_STRUCT(Broken, (), (timestamp, call, rule))
BOOST_DESCRIBE_STRUCT(Rejected, (), (timestamp, call, status))
BOOST_DESCRIBE_STRUCT(Heard, (), (timestamp, call, frequency, level))
BOOST_DESCRIBE_STRUCT(Digit, (), (timestamp, call, digit))
BOOST_DESCRIBE_STRUCT(Ended,
                      (),
                      (timestamp,
                       call,
                       by,
                       duration,
                       digits,
                       packets_received,
                       packets_lost,
                       packets_sent,
                       longest_gap))
BOOST_DESCRIBE_STRUCT(Problem, (), (timestamp, text))

}  // namespace note

std::string encode_note(const Note& note) {
    return wire::encode_tagged("event", note);
}

}  // namespace patchbay::lab::meta
