// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace patchbay::test {

// What Patchbay does with one of the IETF's torture messages. The message layer is tested against
// the tables of these rows, and so is the server, over real UDP and TCP: tests/interop reads the
// rows from the headers.
enum class TortureOutcome : std::uint8_t {
    Accept,  // goes on to the user agent
    Refuse,  // answered by the message layer
    Drop,    // no answer: a response that nobody may act on
    Wait,    // on a stream: the message is not complete yet, so nothing happens
};

struct TortureVerdict {
    std::string_view file;     // without ".dat"
    std::string_view section;  // of the RFC
    TortureOutcome datagram;
    TortureOutcome stream;
    int status;  // on the wire, of a refusal and of a server without a registrar; 0: silence
    std::string_view why;
};

// Short names keep the rows on one line.
inline constexpr auto kAccept = TortureOutcome::Accept;
inline constexpr auto kRefuse = TortureOutcome::Refuse;
inline constexpr auto kDrop = TortureOutcome::Drop;
inline constexpr auto kWait = TortureOutcome::Wait;

}  // namespace patchbay::test
