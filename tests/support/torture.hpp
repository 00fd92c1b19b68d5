// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/message.hpp"
#include "sip/stream_framer.hpp"
#include "sip/validation.hpp"
#include "support/source_path.hpp"
#include "support/torture_verdict.hpp"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

// How the message layer judges a torture message, in the words of the tables.
namespace patchbay::test {

// `name` is "rfc4475/wsinv", without ".dat".
inline std::string torture_message(const std::string& name) {
    const std::filesystem::path path = source_path("tests/data/" + name + ".dat");
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file) << path;
    return {std::istreambuf_iterator<char>(file), {}};
}

// What the message layer of a server that reads session descriptions says to a request.
inline std::optional<sip::Refusal> torture_refusal(const sip::Message& request,
                                                   sip::Framing framing) {
    static constexpr std::array<std::string_view, 1> kContentTypes = {"application/sdp"};
    return check_request(request, {.content_types = kContentTypes, .framing = framing});
}

inline std::string outcome_of(std::string_view text, sip::Framing framing) {
    const auto message = sip::Message::parse(text);
    if (!message) {
        return "drop";
    }
    if (!message->is_request()) {
        return check_response(*message) ? "accept" : "drop";
    }
    const auto refusal = torture_refusal(*message, framing);
    return refusal ? std::to_string(refusal->status) : "accept";
}

inline std::string outcome_on_a_stream(std::string_view text) {
    sip::StreamFramer framer;
    framer.feed(as_bytes(text));
    const auto item = framer.next().value();
    return item ? outcome_of(item->bytes, sip::Framing::Stream) : "wait";
}

inline std::string expected_outcome(TortureOutcome outcome, int status) {
    switch (outcome) {
        case TortureOutcome::Accept: return "accept";
        case TortureOutcome::Refuse: return std::to_string(status);
        case TortureOutcome::Drop: return "drop";
        case TortureOutcome::Wait: break;
    }
    return "wait";
}

}  // namespace patchbay::test
