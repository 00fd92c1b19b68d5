// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/time.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace patchbay {

// What is asked of the DNS, and what it says, as values: `sip` decides by them, `net` fetches them.

enum class DnsType : std::uint8_t { A, Aaaa, Srv, Naptr };

struct DnsQuestion {
    DnsType type = DnsType::A;
    std::string name;  // lower case, without the dot at the end

    friend auto operator<=>(const DnsQuestion&, const DnsQuestion&) = default;
};

// RFC 2782.
struct SrvRecord {
    std::uint16_t priority = 0;  // lower ones first
    std::uint16_t weight = 0;
    std::uint16_t port = 0;
    std::string target;  // empty: the service is decidedly not there

    friend bool operator==(const SrvRecord&, const SrvRecord&) = default;
};

// RFC 3403, without the regular expression, which SIP does not use (RFC 3263 4.1).
struct NaptrRecord {
    std::uint16_t order = 0;       // lower ones first
    std::uint16_t preference = 0;  // among equals of order
    std::string flags;             // "s": the replacement is asked for SRV; "a": for addresses
    std::string service;           // "SIP+D2U"
    std::string replacement;

    friend bool operator==(const NaptrRecord&, const NaptrRecord&) = default;
};

// The records of the type that was asked for; aliases have been followed.
struct DnsAnswer {
    std::vector<IpAddress> addresses;
    std::vector<SrvRecord> srv;
    std::vector<NaptrRecord> naptr;
    Seconds time_to_live{0};  // the least one on the way

    friend bool operator==(const DnsAnswer&, const DnsAnswer&) = default;
};

}  // namespace patchbay
