// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/world.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::test {

// The SIP messages of a scenario as text, one line each, which a golden file keeps:
//
//     0.0  server -> bob     INVITE             offer sendrecv v0
//     0.0  bob    -> server  100 INVITE
//
// Whatever differs from run to run for no reason (tags, branches, Call-IDs, ports) is left out;
// what a flow is about (direction and version of the session, RSeq, Replaces, sipfrag) is there.
// Repeats of one message are counted on the line of the first.
class Ladder {
  public:
    // Names in place of addresses.
    void name(const IpAddress& ip, std::string label) { names_[ip.to_string()] = std::move(label); }
    std::string render(const World& world);

  private:
    std::string label(const SocketAddress& address) const;
    std::string details(const sip::Message& message);
    std::string session(const sip::Message& message);
    // A Call-ID by its place in the scenario: "call 1".
    std::string call(std::string_view call_id);

    std::map<std::string, std::string> names_;
    std::map<std::string, std::uint64_t> first_versions_;  // of an o= line, by user agent
    std::vector<std::string> calls_;
};

}  // namespace patchbay::test
