// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/time.hpp"
#include "net/port_range.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace patchbay::bench {

enum class Scenario : std::uint8_t {
    Play,      // calls made by WebSocket that play a file, all at once
    Outgoing,  // calls made by WebSocket that hang up when answered, at a rate
    // The same with audio from a WebSocket server (mediaPass) in place of the file.
    Application,
    Incoming,  // INVITEs to the server that hang up when answered, at a rate
};

// What the load program is asked to do.
struct Plan {
    Scenario scenario = Scenario::Play;
    SocketAddress api{IpAddress::v4(127, 0, 0, 1), 8080};  // the server's
    SocketAddress sip{IpAddress::v4(127, 0, 0, 1), 5060};
    SocketAddress phones{IpAddress::v4(127, 0, 0, 1), 5080};       // where our phones listen
    SocketAddress application{IpAddress::v4(127, 0, 0, 1), 8090};  // Application only
    // Below the ephemeral ports, where another socket could take one first.
    net::PortSpan rtp_ports{22000, 31999};
    std::size_t calls = 50;  // at once (Play, Application), or in all
    double rate = 50;        // set-ups per second
    // Play and Application only:
    std::string file = "tone.wav";  // as the server finds it
    double tone = 440;              // Hz, what is in the file
    Seconds hold{10};               // all calls play together, and are judged, that long
    std::size_t rounds = 1;
    bool record = false;   // the server records each call
    std::string vad = {};  // and detects voice with this `vad.type`; empty: with none
};

// Exits with a message when the arguments make no plan.
Plan read_plan(int argc, char** argv);

}  // namespace patchbay::bench
