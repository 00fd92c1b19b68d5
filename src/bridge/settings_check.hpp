// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address_range.hpp"
#include "bridge/settings.hpp"
#include "call/trunk.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::bridge {

// A field that cannot stay as it is, and why; the path is the key in JSON: "meta.phoneNumber".
struct FieldProblem {
    std::string field;
    std::string problem;

    friend bool operator==(const FieldProblem&, const FieldProblem&) = default;
};
using FieldProblems = std::vector<FieldProblem>;
using Bridges = std::map<std::string, Settings, std::less<>>;

// Everything that is wrong with a configuration as a whole, in the order of its fields. It asks
// nobody: whether a server can be reached is no matter of form.
FieldProblems check(const Settings& settings);
// What is wrong with it beside the others: ports that they, or the server itself, listen on.
FieldProblems check_ports(std::string_view name,
                          const Settings& settings,
                          const Bridges& bridges,
                          const std::set<std::uint16_t>& ports_of_server);

bool is_bridge_name(std::string_view name);
// "sip.example.com:5060", "192.0.2.1", "[2001:db8::1]:5061;transport=tls", "sips:sip.example.com".
std::optional<call::TrunkAddress> parse_sip_server(std::string_view text);
// "10.0.0.0/8", or an address alone.
std::optional<AddressRange> parse_range(std::string_view text);
// "+5511987654321", with or without the plus and what people write between digits; always with a
// plus in the answer.
std::optional<std::string> parse_number_e164(std::string_view text);

}  // namespace patchbay::bridge
