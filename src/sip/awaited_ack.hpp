// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/repeat_schedule.hpp"
#include "sip/transaction/servers.hpp"

#include <cstdint>
#include <string>

namespace patchbay::sip {

// A 2xx of ours that is repeated until its ACK comes (RFC 3261 13.3.1.4).
struct AwaitedAck {
    transaction::ServerId transaction;
    std::uint32_t sequence = 0;
    std::string response;
    bool carries_offer = false;  // so that the ACK owes the answer
    RepeatSchedule schedule;
};

// A reliable provisional response of ours that is repeated until its PRACK comes (RFC 3262 3).
struct AwaitedPrack {
    std::uint32_t response_number = 0;  // RSeq
    int status = 180;
    std::string response;
    bool has_session = false;  // it carries a description, so a 2xx must wait for its PRACK
    RepeatSchedule schedule;
};

}  // namespace patchbay::sip
