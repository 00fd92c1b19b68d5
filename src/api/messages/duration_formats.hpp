// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/options.hpp"
#include "wire/decode_error.hpp"
#include "wire/json_writer.hpp"
#include "wire/shapes.hpp"

#include <boost/json/fwd.hpp>

// Two durations whose JSON form is older than any rule; options.hpp says what they mean.
namespace patchbay::wire {

template <>
struct Format<call::InputTimeout> {
    static Decoded<call::InputTimeout> read(const boost::json::value& json);
    static void write(JsonWriter& writer, const call::InputTimeout& timeout);
};

template <>
struct Format<call::HandshakeTimeout> {
    static Decoded<call::HandshakeTimeout> read(const boost::json::value& json);
    static void write(JsonWriter& writer, const call::HandshakeTimeout& timeout);
};

}  // namespace patchbay::wire
