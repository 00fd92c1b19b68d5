// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace patchbay::wire {

// Why a JSON document is not the value that was asked for, and where.
struct DecodeError {
    Errc code = Errc::Malformed;
    std::string path;     // "option.vad.silenceTimeout", "urls[2]"; empty: the document itself
    std::string problem;  // "expected number"

    // The same error seen from one level further out.
    DecodeError inside_member(std::string_view key) &&;
    DecodeError inside_element(std::size_t index) &&;

    friend bool operator==(const DecodeError&, const DecodeError&) = default;
};

// "option.vad.silenceTimeout: expected number"
std::string describe(const DecodeError& error);

// A client's own text inside an error: cut to what an error may hold.
std::string quote_for_error(std::string_view text);

template <class T>
using Decoded = Expected<T, DecodeError>;

[[nodiscard]] tl::unexpected<DecodeError> undecodable(std::string problem,
                                                      Errc code = Errc::Malformed);

}  // namespace patchbay::wire
