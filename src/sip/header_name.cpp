// SPDX-License-Identifier: Apache-2.0
#include "sip/header_name.hpp"

#include "base/text.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace patchbay::sip {
namespace {

constexpr auto kCount = static_cast<std::size_t>(HeaderId::kCount);

// In the order of the enumeration.
constexpr std::array<std::string_view, kCount> kNames = {
    "",
    "Accept",
    "Accept-Contact",
    "Accept-Encoding",
    "Accept-Language",
    "Alert-Info",
    "Allow",
    "Allow-Events",
    "Authentication-Info",
    "Authorization",
    "Call-ID",
    "Call-Info",
    "Contact",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Type",
    "CSeq",
    "Date",
    "Diversion",
    "Error-Info",
    "Event",
    "Expires",
    "From",
    "History-Info",
    "Identity",
    "In-Reply-To",
    "Join",
    "Max-Forwards",
    "MIME-Version",
    "Min-Expires",
    "Min-SE",
    "Organization",
    "P-Asserted-Identity",
    "Path",
    "P-Preferred-Identity",
    "Priority",
    "Privacy",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Require",
    "RAck",
    "Reason",
    "Record-Route",
    "Referred-By",
    "Refer-To",
    "Reject-Contact",
    "Replaces",
    "Reply-To",
    "Request-Disposition",
    "Require",
    "Retry-After",
    "Route",
    "RSeq",
    "Server",
    "Service-Route",
    "Session-Expires",
    "Subject",
    "Subscription-State",
    "Supported",
    "Target-Dialog",
    "Timestamp",
    "To",
    "Unsupported",
    "User-Agent",
    "Via",
    "Warning",
    "WWW-Authenticate",
};
static_assert(kNames[static_cast<std::size_t>(HeaderId::WwwAuthenticate)] == "WWW-Authenticate");

// RFC 3261 7.3.3 and the registrations after it.
constexpr std::array<HeaderId, 26> kCompactForms = [] {
    std::array<HeaderId, 26> forms{};
    const auto set = [&forms](char letter, HeaderId id) {
        forms[static_cast<std::size_t>(letter - 'a')] = id;
    };
    set('a', HeaderId::AcceptContact);
    set('b', HeaderId::ReferredBy);
    set('c', HeaderId::ContentType);
    set('d', HeaderId::RequestDisposition);
    set('e', HeaderId::ContentEncoding);
    set('f', HeaderId::From);
    set('i', HeaderId::CallId);
    set('j', HeaderId::RejectContact);
    set('k', HeaderId::Supported);
    set('l', HeaderId::ContentLength);
    set('m', HeaderId::Contact);
    set('o', HeaderId::Event);
    set('r', HeaderId::ReferTo);
    set('s', HeaderId::Subject);
    set('t', HeaderId::To);
    set('u', HeaderId::AllowEvents);
    set('v', HeaderId::Via);
    set('x', HeaderId::SessionExpires);
    set('y', HeaderId::Identity);
    return forms;
}();

constexpr std::size_t kTableBits = 9;
using HashTable = std::array<HeaderId, std::size_t{1} << kTableBits>;

// Length and four letters tell all known names apart; bit 5 makes letters lower case.
constexpr std::size_t hash(std::string_view name, std::uint32_t multiplier) {
    const auto letter = [name](std::size_t at) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(name[at]) | 0x20U);
    };
    const std::size_t size = name.size();
    const std::uint32_t key = (letter(0) << 21) ^ (letter(size - 1) << 14) ^
                              (letter(size / 2) << 7) ^ letter(size / 3) ^
                              (static_cast<std::uint32_t>(size) << 27);
    return (key * multiplier) >> (32 - kTableBits);
}

constexpr std::optional<HashTable> table_without_collisions(std::uint32_t multiplier) {
    HashTable table{};
    for (std::size_t i = 1; i < kCount; ++i) {
        HeaderId& slot = table[hash(kNames[i], multiplier)];
        if (slot != HeaderId::Other) {
            return std::nullopt;
        }
        slot = static_cast<HeaderId>(i);
    }
    return table;
}

// The compiler looks for a multiplier that gives every name a slot of its own.
constexpr std::uint32_t kMultiplier = [] {
    std::uint32_t multiplier = 2654435769U;
    while (!table_without_collisions(multiplier)) {
        multiplier = multiplier * 1664525U + 1013904223U;
        multiplier |= 1U;
    }
    return multiplier;
}();
constexpr HashTable kTable = *table_without_collisions(kMultiplier);

}  // namespace

HeaderId header_id(std::string_view name) {
    if (name.size() == 1 && is_alpha(name.front())) {
        return kCompactForms[static_cast<std::size_t>(to_lower(name.front()) - 'a')];
    }
    if (name.empty()) {
        return HeaderId::Other;
    }
    const HeaderId candidate = kTable[hash(name, kMultiplier)];
    return equals_ignoring_case(header_name(candidate), name) ? candidate : HeaderId::Other;
}

std::string_view header_name(HeaderId id) {
    return kNames[static_cast<std::size_t>(id)];
}

}  // namespace patchbay::sip
